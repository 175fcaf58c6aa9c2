module.exports = { mode: 'production', entry: './main.js', output: { path: `${__dirname}/out`, module: true }, experiments: { outputModule: true } }
