using System.Text;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Messaging;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Cli.Tests;

/// <summary>
/// A shop with all the failures that the page about messages shows. Its broker is stopped, a message has no handler,
/// and a process waits for a carrier that does not answer. A timer failed, and a payment was reported twice.
/// </summary>
internal sealed partial class FailingShop(string file) : IAsyncDisposable
{
    private readonly InMemoryBroker _broker = new();
    private IHost? _host;

    private T Get<T>()
        where T : notnull => _host!.Services.GetRequiredService<T>(); // Start creates the host before any call.

    public async Task Start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => Configure(millrace.UseSqlite(file)));
        _host = builder.Build();
        await _host.StartAsync();
        await Eventually.Until(() => Get<Transports>().List().Single().State == TransportState.Connected);
        await CreateFailures();
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is null)
            return;
        await _host.StopAsync();
        _host.Dispose();
    }

    private async Task CreateFailures()
    {
        var store = Get<EventStore>();
        await store.Append(StreamId.For("order", "7"), ExpectedVersion.NoStream, [new OrderPlaced("7", 30)]);
        await WaitForState("7", ProcessState.Running);
        await Pay("0193b1c2-7c1e-7cc3-9b46-000000000001", "7", 30);
        await WaitForState("7", ProcessState.Held);
        // The bank reports the payment again with another id.
        await Pay("0193b1c2-7c1e-7cc3-9b46-000000000002", "7", 30);
        await Eventually.Get(
            async () => await store.ReadStream(new StreamId("payment-7")).CountAsync(), count => count == 2);
        await Eventually.Get(Get<Consumers>(), "process-fulfilment", process => process.LagEvents == 0);
        // Order 8 is placed after all changes of the first instance. Instances are listed by the second of their last
        // change and then by id.
        await store.Append(StreamId.For("order", "8"), ExpectedVersion.NoStream, [new OrderPlaced("8", 20)]);
        await WaitForState("8", ProcessState.Running);
        await Pay("0193b1c2-7c1e-7cc3-9b46-000000000003", "5", -30);
        await Pay("0193b1c2-7c1e-7cc3-9b46-000000000004", "5", 5);
        var letters = Get<DeadLetters>();
        await Eventually.Get(
            async () => await letters.List(new DeadLetterQuery { Consumer = "receive.shop" }),
            all => all.Count == 2 && all.Any(letter => letter.State == DeadLetterState.Parked));
        var timers = Get<Timers>();
        await timers.Set(
            new RemindCustomer("7"), TimeSpan.FromMilliseconds(1), new TimerOptions { Key = "remind-7", By = "ada" });
        await timers.Set(new RemindCustomer("8"), TimeSpan.FromDays(1), new TimerOptions { Key = "remind-8" });
        await Eventually.Get(async () => await timers.Find("remind-7"), timer => timer is { Due: null });
        await Eventually.Get(async () => await Get<Schedules>().List(), all => all.Count == 1);
        await Eventually.Get(Get<Consumers>(), "publish.rabbitmq", publisher => publisher.LagEvents == 0);

        _broker.MakeUnavailable();
        await store.Append(StreamId.For("order", "9"), ExpectedVersion.NoStream, [new OrderPlaced("9", 10)]);
        await WaitForState("9", ProcessState.Running);
        await Eventually.Get(
            Get<Consumers>(), "publish.rabbitmq", publisher => publisher.State == ConsumerState.Stalled);
    }

    private Task<ProcessInfo?> WaitForState(string order, ProcessState state) => Eventually.Get(
        async () => await Get<Processes>().Find("fulfilment", order),
        instance => instance?.State == state
            && (state != ProcessState.Running || instance.Steps.Contains("await-payment-taken")));

    private async Task Pay(string id, string order, int total) =>
        await Get<Transports>().Publish("rabbitmq", "bank", new Message
        {
            Id = id,
            Type = "payment.taken",
            Source = "bank",
            Subject = "account-" + order,
            Body = Encoding.UTF8.GetBytes($$"""{"order":"{{order}}","total":{{total}}}"""),
        });

    private void Configure(MillraceBuilder millrace) =>
        millrace
            .AddTimers()
            .AddSchedule("report", "0 3 * * *", _ => new PackParcel("report"))
            .OnFailure("receive.shop", policy => policy.Permanent<FormatException>())
            .AddModel(model =>
                model
                    .Event("order.placed", 1, TroubledShopJson.Default.OrderPlaced)
                    .Event("parcel.packed", 1, TroubledShopJson.Default.ParcelPacked)
                    .Event("payment.taken", 1, TroubledShopJson.Default.PaymentTaken)
                    .Command(new CommandDefinition<PackParcel, Nothing>("pack-parcel", Handle))
                    .Command(new CommandDefinition<ShipParcel, Nothing>("ship-parcel", Handle))
                    .Command(new CommandDefinition<RemindCustomer, Nothing>("remind-customer", Handle))
                    .Process(new ProcessDefinition<string>("fulfilment", 1, new Fulfilment()))
                    .Json(TroubledShopJson.Default))
            .ConfigureStore(store => store.ApplicationVersion = "1.4.0")
            .ConfigureConsumers(consumers =>
            {
                (consumers.LookEvery, consumers.Retries) = (TimeSpan.FromMilliseconds(50), 2);
                (consumers.RetryDelay, consumers.MaxRetryDelay) = (
                    TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(50));
            })
            .UseTransport(
                "rabbitmq",
                _ => new InMemoryTransport(_broker),
                transport =>
                    transport
                        .Publish("orders", "order.placed")
                        .Receive(
                            "carrier",
                            "orders",
                            receiver => receiver.Handle<OrderPlaced>((_, _, _) => ValueTask.CompletedTask))
                        .Receive("shop", "bank", receiver => receiver.Handle<PaymentTaken>(RecordPayment)));

    private static ValueTask RecordPayment(
        PaymentTaken taken, MessageContext context, CancellationToken cancellationToken)
    {
        if (taken.Total < 0)
            throw new FormatException($"Nobody pays {taken.Total}.");
        context.Effect.To(StreamId.For("payment", taken.Order), ExpectedVersion.Any, taken);
        return ValueTask.CompletedTask;
    }

    private static ValueTask<Nothing> Handle(
        PackParcel command, CommandContext context, CancellationToken cancellationToken)
    {
        context.Append(StreamId.For("parcel", command.Order), ExpectedVersion.Any, new ParcelPacked(command.Order));
        return new(default(Nothing));
    }

    private static ValueTask<Nothing> Handle(
        ShipParcel command,
        CommandContext context,
        CancellationToken cancellationToken) => throw new TimeoutException("The carrier does not answer.");

    private static ValueTask<Nothing> Handle(
        RemindCustomer command,
        CommandContext context,
        CancellationToken cancellationToken) => throw new NotSupportedException("There is no template for the mail.");

    internal sealed record OrderPlaced(string Order, int Total);

    internal sealed record ParcelPacked(string Order);

    internal sealed record PaymentTaken(string Order, int Total);

    internal sealed record PackParcel(string Order) : ICommand;

    internal sealed record ShipParcel(string Order) : ICommand;

    internal sealed record RemindCustomer(string Order) : ICommand;

    internal sealed class Fulfilment : Process<string>
    {
        protected override void Define(ProcessBuilder<string> process) => process
            .StartOn<OrderPlaced>(placed => placed.Order)
            .Step("pack", order => new PackParcel(order))
            .Await<PaymentTaken>(taken => taken.Order)
            .PointOfNoReturn()
            .Step("ship", order => new ShipParcel(order))
            .Retry(2, TimeSpan.FromMilliseconds(1));
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(OrderPlaced))]
    [JsonSerializable(typeof(ParcelPacked))]
    [JsonSerializable(typeof(PaymentTaken))]
    [JsonSerializable(typeof(PackParcel))]
    [JsonSerializable(typeof(ShipParcel))]
    [JsonSerializable(typeof(RemindCustomer))]
    internal sealed partial class TroubledShopJson : JsonSerializerContext;
}
