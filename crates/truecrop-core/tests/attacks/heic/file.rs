//! Writes files around one real coded picture, that of `tests/fixtures/heic/single.heic` (64 x 64 as it is coded).

pub(super) fn bx(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&(8 + content.len() as u32).to_be_bytes()[..], kind, content].concat()
}

/// A box with version and flags.
pub(super) fn full(kind: &[u8; 4], version: u8, content: &[u8]) -> Vec<u8> {
    bx(kind, &[&[version, 0, 0, 0], content].concat())
}

pub(super) fn be16(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

pub(super) fn be32(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

pub(super) fn ispe(width: u32, height: u32) -> Vec<u8> {
    full(b"ispe", 0, &be32(&[width, height]))
}

/// The configuration and the bytes of a fixture's one picture.
pub(super) fn coded(name: &str) -> (Vec<u8>, Vec<u8>) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/heic/");
    let file = std::fs::read(format!("{path}{name}.heic")).unwrap();
    let find = |kind: &[u8]| file.windows(4).position(|window| window == kind).unwrap();
    let content = |kind| {
        let at = find(kind);
        let length = u32::from_be_bytes(file[at - 4..at].try_into().unwrap()) as usize;
        file[at + 4..at - 4 + length].to_vec()
    };
    (content(b"hvcC"), content(b"mdat"))
}

#[derive(Clone)]
pub(super) struct Item {
    pub(super) kind: [u8; 4],
    pub(super) data: Vec<u8>,
    pub(super) properties: Vec<Vec<u8>>,
}

/// What a file is made of. Items have the numbers from 1 on; the first is the primary one.
#[derive(Clone)]
pub(super) struct File {
    pub(super) items: Vec<Item>,
    pub(super) references: Vec<([u8; 4], u16, Vec<u16>)>,
    /// Boxes in the lists, in place of those of the same kind.
    pub(super) instead: Vec<([u8; 4], Vec<u8>)>,
    /// More boxes at the end of the lists.
    pub(super) more: Vec<u8>,
}

impl File {
    pub(super) fn new(items: Vec<Item>) -> Self {
        Self { items, references: Vec::new(), instead: Vec::new(), more: Vec::new() }
    }

    /// The real picture, with these properties after its own.
    pub(super) fn single(properties: &[Vec<u8>]) -> Self {
        Self::new(vec![picture(properties)])
    }

    /// A grid of so many columns and rows, all of the same real picture.
    pub(super) fn grid(columns: u16, rows: u16, width: u16, height: u16) -> Self {
        let shape = [vec![0, 0, (rows - 1) as u8, (columns - 1) as u8], be16(&[width, height])].concat();
        let grid = item(b"grid", shape, &[ispe(width.into(), height.into())]);
        let mut file = Self::new(vec![grid, picture(&[])]);
        file.references.push((*b"dimg", 1, vec![2; usize::from(columns) * usize::from(rows)]));
        file
    }

    pub(super) fn instead(mut self, kind: &[u8; 4], content: Vec<u8>) -> Self {
        self.instead.push((*kind, content));
        self
    }

    pub(super) fn meta(&self, start: u32) -> Vec<u8> {
        let (mut infe, mut iloc, mut ipma) = (Vec::new(), Vec::new(), Vec::new());
        let (mut properties, mut at, mut count) = (Vec::new(), start, 0_u8);
        for (id, item) in (1_u16..).zip(&self.items) {
            infe.extend(full(b"infe", 2, &[&be16(&[id, 0])[..], &item.kind, b"\0"].concat()));
            iloc.extend(be16(&[id, 0, 1]).into_iter().chain(be32(&[at, item.data.len() as u32])));
            ipma.extend(be16(&[id]).into_iter().chain([item.properties.len() as u8]));
            for property in &item.properties {
                properties.extend_from_slice(property);
                count += 1;
                ipma.push(0x80 | count);
            }
            at += item.data.len() as u32;
        }
        let items = self.items.len() as u16;
        let references = self
            .references
            .iter()
            .flat_map(|(kind, from, to)| bx(kind, &[be16(&[*from, to.len() as u16]), be16(to)].concat()));
        let boxes = [
            full(b"hdlr", 0, b"\0\0\0\0pict\0\0\0\0\0\0\0\0\0\0\0\0\0"),
            full(b"pitm", 0, &be16(&[1])),
            full(b"iinf", 0, &[be16(&[items]), infe].concat()),
            full(b"iloc", 0, &[vec![0x44, 0], be16(&[items]), iloc].concat()),
            full(b"iref", 0, &references.collect::<Vec<u8>>()),
            bx(
                b"iprp",
                &[bx(b"ipco", &properties), full(b"ipma", 0, &[be32(&[items.into()]), ipma].concat())]
                    .concat(),
            ),
        ];
        let mut content = Vec::new();
        for mut one in boxes {
            let kind: [u8; 4] = one[4..8].try_into().unwrap();
            if let Some((_, instead)) = self.instead.iter().find(|(replaced, _)| *replaced == kind) {
                one.clone_from(instead);
            }
            content.extend(one);
        }
        content.extend(&self.more);
        full(b"meta", 0, &content)
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let ftyp = ftyp();
        let start = ftyp.len() + self.meta(0).len() + 8;
        let data: Vec<u8> = self.items.iter().flat_map(|item| item.data.clone()).collect();
        [ftyp, self.meta(start as u32), bx(b"mdat", &data)].concat()
    }
}

pub(super) fn ftyp() -> Vec<u8> {
    bx(b"ftyp", b"heic\0\0\0\0mif1heic")
}

pub(super) fn item(kind: &[u8; 4], data: Vec<u8>, properties: &[Vec<u8>]) -> Item {
    Item { kind: *kind, data, properties: properties.to_vec() }
}

pub(super) fn picture(properties: &[Vec<u8>]) -> Item {
    let (config, data) = coded("single");
    item(b"hvc1", data, &[&[bx(b"hvcC", &config), ispe(64, 64)], properties].concat())
}
