using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Storage;

namespace Millrace.Faults;

/// <summary>
/// A node whose consumers fail all the time. Until the test kills the node, it appends faulty lines, rebuilds its read
/// model, and retries, edits, skips and discards dead letters.
/// </summary>
public static class FailingNode
{
    /// <summary>The name of the consumer with a handler.</summary>
    public const string Clerk = "clerk";

    /// <summary>The name of the consumer of the projection.</summary>
    public const string Stories = "account-stories@1";

    private const int Writers = 4;
    private const int AccountsPerWriter = 3;
    private static readonly byte[] Unreadable = """{"number":"many"}"""u8.ToArray();

    /// <summary>Configures an application with both consumers.</summary>
    /// <param name="millrace">The builder.</param>
    /// <param name="file">The store.</param>
    /// <param name="handle">The durable effect of the handler.</param>
    public static MillraceBuilder Configure(MillraceBuilder millrace, string file, Action<RecordedEvent> handle)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        ArgumentNullException.ThrowIfNull(handle);
        return millrace
            .UseSqlite(file)
            .AddModel<Ledger>()
            .ConfigureConsumers(options =>
            {
                options.LeaseDuration = TimeSpan.FromSeconds(1);
                options.LookEvery = TimeSpan.FromMilliseconds(20);
            })
            .AddConsumer(_ => ConsumerDefinition.Each(Clerk, EventFilter.OfTypes("account.posted"), (recorded, _) =>
            {
                ThrowIfFlawed((Posted)recorded.Data);
                handle(recorded);
                return ValueTask.CompletedTask;
            }).OnFailure(policy => policy
                .Permanent<FormatException>()
                .Retry(4, TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(20))));
    }

    /// <summary>Runs until the test kills the node, and writes acknowledged appends to standard output.</summary>
    public static Task Run(IServiceProvider services, TextWriter output, int seed) => Task.WhenAll(
        Enumerable.Range(0, Writers).Select(writer => Task.Run(() => Write(services, output, seed, writer)))
            .Append(Task.Run(() => DecideContinuously(services)))
            .Append(Task.Run(() => RebuildOnce(services, seed))));

    /// <summary>
    /// Decides about all parked events and returns their number. The position of an event determines the decision.
    /// </summary>
    public static async Task<int> Decide(IServiceProvider services, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(services);
        var letters = services.GetRequiredService<DeadLetters>();
        var parked = await letters.List(new DeadLetterQuery { States = [DeadLetterState.Parked] }, cancellationToken);
        foreach (var letter in parked)
        {
            try
            {
                await Decide(letters, letter, cancellationToken);
            }
            catch (MillraceException exception)
                when (exception
                        is DeadLetterRefusedException
                            or DeadLetterNotFoundException
                            or DeadLetterConflictException)
            {
                // The dead letter has changed since the listing.
            }
        }
        return parked.Count;
    }

    private static async Task Decide(DeadLetters letters, DeadLetter letter, CancellationToken cancellationToken)
    {
        var note = new DeadLetterNote("node", "to test this decision");
        var choice = (letter.Position % 5, letter.Attempts);
        if (choice is (0, _))
            await letters.Skip(letter.Id, note, cancellationToken);
        else if (choice is (1, _))
            await letters.Discard(letter.Id, note, cancellationToken);
        else if (choice is (2, < 3))
            await letters.Retry(letter.Id, note, cancellationToken);
        else if (choice is (3, < 3))
            await letters.Edit(letter.Id, Unreadable, note, cancellationToken);
        else
            await letters.Edit(
                letter.Id, await FixPayload(letters, letter, cancellationToken), note, cancellationToken);
    }

    private static async Task<byte[]> FixPayload(
        DeadLetters letters, DeadLetter letter, CancellationToken cancellationToken)
    {
        var details = await letters.Show(letter.Id, cancellationToken);
        var posted = (Posted)details.Event!.Data; // The log still contains the event, because the node removes none.
        return Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $$"""{"account":"{{posted.Account}}","number":{{posted.Number + 10_000_000}},"flawCode":0}"""));
    }

    private static void ThrowIfFlawed(Posted posted)
    {
        if (posted.Flaw() is Flaw.Bad or Flaw.Lost)
            throw new FormatException("The line is unreadable.");
        if (posted.Flaw() == Flaw.Flaky && Random.Shared.Next(3) > 0)
            throw new TimeoutException("Not now.");
    }

    private static async Task Write(IServiceProvider services, TextWriter output, int seed, int writer)
    {
        var store = services.GetRequiredService<EventStore>();
        var random = new Random((seed * 1000) + writer);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        for (var number = seed % 1_000 * 10_000L; ; number++)
        {
            var account = string.Create(CultureInfo.InvariantCulture, $"{writer}x{random.Next(AccountsPerWriter)}");
            var flaw = random.Next(100) switch
            {
                < 6 => Flaw.Bad,
                < 9 => Flaw.Lost,
                < 20 => Flaw.Flaky,
                _ => Flaw.None,
            };
            var result = await store.Append(
                StreamId.For("story", account), ExpectedVersion.Any, [new Posted(account, number, (int)flaw)]);
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"ACK story-{account} {result.Version} {result.Position} {Guid.Empty}"));
            timer.Period = TimeSpan.FromMilliseconds(random.Next(1, 12));
            await timer.WaitForNextTickAsync();
        }
    }

    private static async Task DecideContinuously(IServiceProvider services)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(15));
        while (await timer.WaitForNextTickAsync())
            await Decide(services, CancellationToken.None);
    }

    private static async Task RebuildOnce(IServiceProvider services, int seed)
    {
        var random = new Random(seed);
        using var start = new PeriodicTimer(TimeSpan.FromMilliseconds(random.Next(200, 2_500)));
        await start.WaitForNextTickAsync();
        if (random.Next(2) == 0)
            await services.GetRequiredService<Projections>().Rebuild(Stories);
    }
}
