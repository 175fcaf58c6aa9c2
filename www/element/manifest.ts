/**
 * Builds custom-elements.json, which describes `<true-crop>` to editors and documentation tools, from the sources: types and
 * doc comments, and the tags `@slot`, `@csspart` and `@cssprop`. Used by the test only; not part of the package.
 *
 * Format: Custom Elements Manifest, https://github.com/webcomponents/custom-elements-manifest (schema.json, 2.1.0).
 */

import { readFileSync, readdirSync } from 'node:fs'
import ts from 'typescript'
import { PROPERTIES } from './attributes.js'

const folder = new URL('./', import.meta.url)
const MODULE = 'dist/true-crop.js'
const CLASS = { name: 'TrueCrop', module: MODULE }

/** The sources of the element, as one text. */
export const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !/manifest|test/.test(name))
  .map((name) => readFileSync(new URL(name, folder), 'utf8'))
  .join('\n')

/** Properties that follow the open photo: their attributes are only what it starts with. */
const LIVE = ['rotate', 'flip']

const entry = new URL('true-crop.ts', folder).pathname
const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  strict: true,
  skipLibCheck: true,
}

/** The manifest's content. `defaults` are the values of the properties of an element without attributes. */
export function buildManifest(defaults: Record<string, unknown>): object {
  const program = ts.createProgram([entry], options)
  const checker = program.getTypeChecker()
  const file = program.getSourceFile(entry)
  const exported = file && checker.getExportsOfModule(checker.getSymbolAtLocation(file) as ts.Symbol)
  const symbolOf = (name: string): ts.Symbol => {
    const symbol = exported?.find((symbol) => symbol.name === name) as ts.Symbol
    return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  }
  const typeOf = (name: string): ts.Type => checker.getDeclaredTypeOfSymbol(symbolOf(name))
  const members = checker.getPropertiesOfType(typeOf('TrueCrop')).filter(isPublic)
  const fields = members.filter(({ flags }) => !(flags & ts.SymbolFlags.Method))
  const declaration = {
    kind: 'class',
    customElement: true,
    name: 'TrueCrop',
    tagName: 'true-crop',
    description: textOf(symbolOf('TrueCrop'), checker),
    superclass: { name: 'HTMLElement', package: 'global:' },
    attributes: Object.entries(PROPERTIES).map(([name, fieldName]) => {
      const field = fields.find((each) => each.name === fieldName) as ts.Symbol
      const { type, description } = describe(field, checker)
      return { name, fieldName, type, default: literal(defaults[fieldName]), description }
    }),
    members: [
      ...fields.map((field) => describeField(field, checker, defaults)),
      ...members.filter(({ flags }) => flags & ts.SymbolFlags.Method).map((method) => describeMethod(method, checker)),
    ],
    events: checker.getPropertiesOfType(typeOf('TrueCropEvents')).map((event) => describe(event, checker)),
    slots: tags('slot'),
    cssParts: tags('csspart'),
    cssProperties: tags('cssprop').map(({ name, ...rest }) => ({ name, default: fallbackOf(name), ...rest })),
  }
  return {
    schemaVersion: '2.1.0',
    modules: [
      {
        kind: 'javascript-module',
        path: MODULE,
        declarations: [declaration],
        exports: [{ kind: 'js', name: 'TrueCrop', declaration: CLASS }],
      },
      {
        kind: 'javascript-module',
        path: 'dist/element.js',
        declarations: [],
        exports: [
          { kind: 'js', name: 'TrueCrop', declaration: CLASS },
          { kind: 'custom-element-definition', name: 'true-crop', declaration: CLASS },
        ],
      },
    ],
  }
}

/** Whether pages may use it: declared by the element's own classes, not private, not a callback of the platform. */
function isPublic(symbol: ts.Symbol): boolean {
  const declarations = symbol.declarations ?? []
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected
  return (
    declarations.some((each) => each.getSourceFile().fileName.includes('/www/element/') && !ts.isMethodSignature(each)) &&
    !declarations.some((each) => ts.getCombinedModifierFlags(each) & hidden) &&
    !/#|Callback$/.test(symbol.name)
  )
}

function describe(symbol: ts.Symbol, checker: ts.TypeChecker) {
  const flags =
    ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.InTypeAlias | ts.TypeFormatFlags.UseSingleQuotesForStringLiteralType
  const text = checker.typeToString(checker.getTypeOfSymbol(symbol), undefined, flags)
  return { name: symbol.name, type: { text }, description: textOf(symbol, checker) }
}

function describeField(symbol: ts.Symbol, checker: ts.TypeChecker, defaults: Record<string, unknown>): object {
  const attribute = Object.entries(PROPERTIES).find(([, field]) => field === symbol.name)?.[0]
  const readonly = !(symbol.flags & ts.SymbolFlags.SetAccessor)
  return {
    kind: 'field',
    ...describe(symbol, checker),
    ...(attribute && { default: literal(defaults[symbol.name]), attribute, reflects: !LIVE.includes(symbol.name) }),
    ...(readonly && { readonly }),
  }
}

function describeMethod(symbol: ts.Symbol, checker: ts.TypeChecker): object {
  const [signature] = checker.getSignaturesOfType(checker.getTypeOfSymbol(symbol), ts.SignatureKind.Call)
  const parameters = signature?.getParameters().map((parameter) => {
    const declaration = parameter.valueDeclaration as ts.ParameterDeclaration
    return {
      name: parameter.name,
      type: { text: declaration.type?.getText() ?? '' },
      ...(checker.isOptionalParameter(declaration) && { optional: true }),
    }
  })
  const returned = signature && checker.typeToString(signature.getReturnType())
  const description = textOf(symbol, checker)
  return { kind: 'method', name: symbol.name, parameters, return: { type: { text: returned } }, description }
}

/** The doc comment as one line. */
function textOf(symbol: ts.Symbol, checker: ts.TypeChecker): string {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker))
  return text
    .replaceAll(/\{@link (\w+)\}/g, '`$1`')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

/** The tags of this kind in the doc comments of the sources: ` * @slot name - description`. */
function tags(kind: string): { name: string; description: string }[] {
  const found = sources.matchAll(new RegExp(`^ *\\* @${kind} (\\S+) - (.+)$`, 'gm'))
  return [...found].map(([, name = '', description = '']) => ({ name, description }))
}

/** What a custom property is when the page does not set it: the second part of its `var()`. */
function fallbackOf(property: string): string {
  const start = sources.indexOf(`var(${property}, `) + `var(${property}, `.length
  let depth = 1
  let end = start
  while (depth > 0) depth += { '(': 1, ')': -1 }[sources[end++] as string] ?? 0
  return sources.slice(start, end - 1)
}

const literal = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : String(value))
