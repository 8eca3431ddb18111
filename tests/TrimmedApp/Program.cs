using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace;
using Millrace.Storage;
using TrimmedApp;

// Uses commands, queries, events and read models on a file, in two rounds. The second round reads the data of the
// first.
var file = args is [var path] ? path : throw new ArgumentException("Specify the file of the store.");
var account = new AccountId(Guid.Parse("0198c0de-0000-7000-8000-000000000001", CultureInfo.InvariantCulture));

foreach (var expected in new[] { 30m, 60m })
{
    var builder = Host.CreateApplicationBuilder();
    builder.Services.AddMillrace(millrace => millrace.UseSqlite(file).AddModel<Ledger>());
    using var host = builder.Build();
    await host.StartAsync();
    var stop = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
    var bus = host.Services.GetRequiredService<ICommandBus>();
    var store = host.Services.GetRequiredService<EventStore>();

    if (await store.GetStream(StreamId.For("account", account), stop) is null)
        await bus.Send(new OpenAccount(account, Owner.From("Ada")), stop);
    await bus.Send(new Deposit(account, 10), stop);
    var key = new SendOptions { IdempotencyKey = $"deposit-{expected}" };
    var first = await bus.Send(new Deposit(account, 20), key, stop);
    var again = await bus.Send(new Deposit(account, 20), key, stop);
    Check(
        first.Value.Balance == expected && again is { WasRepeated: true } && again.Value == first.Value,
        "commands and idempotency");

    var balance = await host.Services.GetRequiredService<IQueryBus>()
        .Ask(new GetBalance(account), new AskOptions { After = first.Token }, stop);
    Check(balance.Value == expected, "a query that waits for its token");
    var balances = host.Services.GetRequiredService<IReadModel<AccountId, Balance>>();
    var richAccounts = await balances.Query(
        new ReadQuery
        {
            Conditions = [new FieldCondition("amount", Comparison.GreaterOrEqual, expected)],
            OrderBy = "amount",
        },
        first.Token,
        stop);
    Check(richAccounts.Items is [{ Owner.Value: "Ada" }], "a filtered read model");

    var read = 0;
    await foreach (var recorded in store.ReadLog(EventFilter.InStreams("account-"), cancellationToken: stop))
    {
        Check(
            recorded.Data is AccountOpened or MoneyDeposited { Notes: ["by hand"] },
            $"event {recorded.Position} is read as its type");
        read++;
    }

    Check(read == await store.Count(EventFilter.All, stop), "every event is read");
    var refused = await Refused(() => bus.Send(new Deposit(account, -1), stop));
    Check(refused is InvariantViolatedException { Invariant: "deposit-positive" }, "an invariant refuses a command");
    await host.StopAsync(CancellationToken.None);
}

Console.WriteLine("The trimmed application works.");

static void Check(bool condition, string description)
{
    if (!condition)
        throw new InvalidOperationException($"This check failed: {description}.");
}

static async Task<Exception?> Refused(Func<ValueTask<CommandResult<Receipt>>> send)
{
    try
    {
        await send();
        return null;
    }
    catch (MillraceException refused)
    {
        return refused;
    }
}
