import { DefineTrueCrop } from 'truecrop/element/define'

export default async function Page({ searchParams }) {
  const { saved } = await searchParams
  return (
    <form action="/avatar" method="post" encType="multipart/form-data">
      <DefineTrueCrop />
      <p>
        <label>
          Nickname <input name="nickname" required />
        </label>
      </p>
      <true-crop name="avatar" width="256" height="256" required />
      <button>Save</button>
      {saved && <p role="status">Saved, {saved}.</p>}
    </form>
  )
}
