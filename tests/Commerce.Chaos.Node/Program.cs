using System.Globalization;
using Commerce.Chaos;

// The programs of the chaos test that speak over brokers or keep their store in a database. They are made to be killed.
// usage: Commerce.Chaos.Node shop RABBITMQ REDIS ARGUMENTS...       a node of the shop, by its own arguments, that
// publishes its orders Commerce.Chaos.Node listener RABBITMQ REDIS DATABASE PORT  another service, which notes what it
// hears of them Commerce.Chaos.Node service DATABASE ARGUMENTS...          one of the shop's two services, by its own
// arguments, on a database
await (args switch
{
    ["shop", var rabbitMq, var redis, .. var arguments] => PublishingShop.Run(rabbitMq, redis, arguments),
    ["listener", var rabbitMq, var redis, var database, var port] =>
        Listener.Run(rabbitMq, redis, database, int.Parse(port, CultureInfo.InvariantCulture)),
    ["service", var database, .. var arguments] => ServiceOnDatabase.Run(database, arguments),
    _ => throw new ArgumentException($"There is no '{string.Join(' ', args)}'."),
});
