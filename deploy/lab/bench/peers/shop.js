/* Vendure as its documentation begins a shop: PostgreSQL, the job queue and the search in the database, a server and a
 * worker. What is paid is paid by its dummy handler, which asks no bank.
 *
 *   node shop.js fill | server | worker      with PEER_PORT, PEER_PG (a URL), PEER_PRODUCTS (a CSV file)
 *
 * It says `ready` on its output when it serves; what it warns of goes to its error output.
 */
'use strict';

const {
    bootstrap, bootstrapWorker, DefaultJobQueuePlugin, DefaultSchedulerPlugin, DefaultSearchPlugin, dummyPaymentHandler,
} = require('@vendure/core');
const { populate } = require('@vendure/core/cli');

const role = process.argv[2];
const quiet = () => {};
const told = (message, context) => console.error(`${context || ''} ${message}`);
const config = {
    apiOptions: { port: Number(process.env.PEER_PORT), hostname: '127.0.0.1', shopApiPath: 'shop-api', cors: false },
    authOptions: { tokenMethod: ['bearer'], superadminCredentials: { identifier: 'bench', password: process.env.PEER_SECRET } },
    dbConnectionOptions: { type: 'postgres', url: process.env.PEER_PG, synchronize: role === 'fill', logging: false },
    logger: { error: told, warn: told, info: quiet, verbose: quiet, debug: quiet },
    paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
    plugins: [
        DefaultJobQueuePlugin.init({ useDatabaseForBuffer: true }),
        DefaultSchedulerPlugin.init(),
        DefaultSearchPlugin.init({ bufferUpdates: false }),
    ],
};
const shop = {
    defaultLanguage: 'en',
    defaultZone: 'Americas',
    countries: [{ name: 'United States of America', code: 'US', zone: 'Americas' }],
    taxRates: [{ name: 'Standard Tax', percentage: 0 }],
    shippingMethods: [{ name: 'Standard Shipping', price: 0 }],
    paymentMethods: [{
        name: 'Dummy',
        handler: { code: dummyPaymentHandler.code, arguments: [{ name: 'automaticSettle', value: 'true' }] },
    }],
    collections: [],
    roles: [],
};

async function main() {
    if (role === 'fill') {
        const app = await populate(() => bootstrap(config), shop, process.env.PEER_PRODUCTS);
        await app.close();
        console.log('ready');
        process.exit(0);
    }
    if (role === 'worker') {
        const worker = await bootstrapWorker(config);
        await worker.startJobQueue();
    } else {
        await bootstrap(config);
    }
    console.log('ready');
}

main().catch(problem => {
    console.error(problem);
    process.exit(1);
});
