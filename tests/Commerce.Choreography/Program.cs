using System.Globalization;
using Commerce.Choreography;

// One of three services, each with its own store, that fulfil orders together through events, without an orchestrator.
// usage: Commerce.Choreography orders|inventory|payments rabbitmq|redis ADDRESS STORE PORT DAYS
// DAYS is how far its clock is ahead: a restart with a greater value advances the time.
if (args is not [var name, var broker, var address, var store, var port, var days])
    throw new ArgumentException($"There is no '{string.Join(' ', args)}'.");
await Service.Of(name).Run(new ServiceArguments(
    broker,
    address,
    store,
    int.Parse(port, CultureInfo.InvariantCulture),
    TimeSpan.FromDays(int.Parse(days, CultureInfo.InvariantCulture))));
