using System.Globalization;
using Commerce.Chaos;

// The programs that the chaos test kills. They use brokers, or have their store in a database.
//   usage: Commerce.Chaos.Node shop RABBITMQ REDIS ARGUMENTS...
//          Commerce.Chaos.Node listener RABBITMQ REDIS DATABASE PORT
//          Commerce.Chaos.Node service DATABASE ARGUMENTS...
// shop is a node of the shop that publishes its orders. listener is another service, which records the messages about
// orders. service is one of the two services of the shop, with its store in a database. ARGUMENTS are the options of
// the shop.
await (args switch
{
    ["shop", var rabbitMq, var redis, .. var arguments] => PublishingShop.Run(rabbitMq, redis, arguments),
    ["listener", var rabbitMq, var redis, var database, var port] =>
        Listener.Run(rabbitMq, redis, database, int.Parse(port, CultureInfo.InvariantCulture)),
    ["service", var database, .. var arguments] => ServiceOnDatabase.Run(database, arguments),
    _ => throw new ArgumentException($"The arguments '{string.Join(' ', args)}' are invalid."),
});
