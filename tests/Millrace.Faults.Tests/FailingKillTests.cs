using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace.Faults.Tests;

/// <summary>
/// Tests repeated crashes of a node whose consumers fail. Meanwhile, the node retries, edits, skips and discards
/// their dead letters.
/// </summary>
public sealed class FailingKillTests : IDisposable
{
    private static readonly int Rounds = TestRun.IsLong ? 150 : 5;
    private const int MinEvents = 500;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(5);

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-letters-").FullName;

    private string StoreFile => Path.Combine(_directory, "stories.db");

    private string HandledFile => Path.Combine(_directory, "handled.txt");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_killed_node_keeps_every_event_once_and_in_order_after_any_decision_on_dead_letters()
    {
        var seed = Random.Shared.Next(1_000_000);
        var random = new Random(seed);
        var acknowledged = 0;
        // If the nodes write few events before the kill, the test runs more rounds. With few dead letters, some kinds
        // of decisions may be missing.
        for (var round = 1; round <= Rounds || (acknowledged < MinEvents && round <= Rounds * 10); round++)
        {
            // The upper limit is longer than the lease of the previous node.
            var life = TimeSpan.FromMilliseconds(random.Next(600, 3_000));
            acknowledged += (await KilledNode.RunAndKill(StoreFile, writers: 4, seed + round, life, HandledFile)).Count;
        }

        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        using var handled = new Faults.HandledFile(HandledFile);
        builder.Services.AddMillrace(millrace => FailingNode.Configure(millrace, StoreFile, handled.Add));
        using var host = builder.Build();
        await host.StartAsync();
        await Settle(host.Services);
        var letters = await ListDeadLetters(host.Services.GetRequiredService<DeadLetters>());
        var log = new List<RecordedEvent>();
        await foreach (
            var recorded in host
                .Services.GetRequiredService<EventStore>()
                .ReadLog(EventFilter.OfTypes("account.posted")))
            log.Add(recorded);

        Assert.Superset(
            new HashSet<DeadLetterState>
            {
                DeadLetterState.Skipped,
                DeadLetterState.Discarded,
                DeadLetterState.Corrected,
            },
            letters.Select(letter => letter.State).ToHashSet());
        await AssertStories(host.Services, log, letters, $"seed {seed}");
        await host.StopAsync();
        AssertHandled(log, letters, $"seed {seed}");
    }

    private static async Task<List<DeadLetter>> ListDeadLetters(DeadLetters service)
    {
        var letters = new List<DeadLetter>();
        var query = new DeadLetterQuery { Limit = 1_000, IsBrief = true };
        while (true)
        {
            var page = await service.List(query with { After = letters.Count == 0 ? 0 : letters[^1].Id });
            if (page.Count == 0)
                return letters;
            letters.AddRange(page);
        }
    }

    /// <summary>Decides about dead letters until none is open and all events are handled.</summary>
    private static async Task Settle(IServiceProvider services)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var consumers = services.GetRequiredService<Consumers>();
        while (await pace.WaitForNextTickAsync(CancellationToken.None))
        {
            await FailingNode.Decide(services, CancellationToken.None);
            var statuses = (await consumers.List(CancellationToken.None))
                .Where(status => status.Name is FailingNode.Clerk or FailingNode.Stories).ToArray();
            if (statuses.Length == 2 && statuses.All(status => status is { OpenDeadLetters: 0, LagEvents: 0 }))
                return;
            Assert.False(
                limit.IsCancellationRequested, string.Join("; ", statuses.Select(status => status.ToString())));
        }
    }

    /// <summary>
    /// Checks that each story contains the lines of its account in order, without skipped lines and with corrections.
    /// </summary>
    private static async Task AssertStories(
        IServiceProvider services, List<RecordedEvent> log, IReadOnlyList<DeadLetter> letters, string where)
    {
        var decided = letters
            .Where(letter => letter.Consumer == FailingNode.Stories)
            .ToLookup(letter => letter.Position);
        var model = services.GetRequiredService<IReadModel<string, AccountStory>>();
        foreach (var stream in log.GroupBy(recorded => recorded.Stream))
        {
            AccountStory? expected = null;
            foreach (var recorded in stream)
            {
                if (ExpectedLine((Posted)recorded.Data, [.. decided[recorded.Position]]) is { } posted)
                    expected = AccountStory.Add(expected, posted);
            }
            var actual = (await model.Get(stream.Key.Key)).Value;
            Assert.True(expected == actual, $"The story {stream.Key} is {Difference(expected, actual)}, with {where}.");
        }
        var report = await services.GetRequiredService<Projections>().Check(FailingNode.Stories, WaitTimeout);
        Assert.True(
            report.IsSound,
            $"{string.Join("; ", report.Differences)} with {where}: {Describe(decided.SelectMany(at => at))}");
    }

    private static string Describe(IEnumerable<DeadLetter> letters) =>
        string.Join(
            "; ",
            letters.Select(letter =>
                $"{letter.Position} '{letter.Key}' {letter.State} {Encoding.UTF8.GetString(PayloadOf(letter))}"));

    private static ReadOnlySpan<byte> PayloadOf(DeadLetter letter) =>
        letter.EditedPayload is { } payload ? payload.Span : default;

    private static string Difference(AccountStory? expected, AccountStory? actual)
    {
        var (wanted, found) = (expected?.Numbers.Split(' ') ?? [], actual?.Numbers.Split(' ') ?? []);
        var same = wanted.Zip(found).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"… {string.Join(' ', found.Skip(same).Take(20))} instead of "
            + $"… {string.Join(' ', wanted.Skip(same).Take(20))}";
    }

    /// <summary>
    /// Returns the line that the story must contain, or null if a decision for the key or the stream of the line
    /// skipped it. A decision that did not skip the line corrected it.
    /// </summary>
    private static Posted? ExpectedLine(Posted posted, DeadLetter[] decided)
    {
        var keyDecision = decided.FirstOrDefault(letter => letter.Key.Length > 0);
        var streamDecision = decided.FirstOrDefault(letter => letter.Key.Length == 0);
        if (streamDecision is { State: not DeadLetterState.Corrected }
            || keyDecision is { State: not DeadLetterState.Corrected })
            return null;
        return keyDecision is null && streamDecision is null
            ? posted
            : posted with
            {
                Number = posted.Number + 10_000_000,
                FlawCode = 0,
            };
    }

    /// <summary>
    /// Checks that the consumer handled each event at least once, and handled the events in order the first time.
    /// Skipped events may be missing.
    /// </summary>
    private void AssertHandled(List<RecordedEvent> log, IReadOnlyList<DeadLetter> letters, string where)
    {
        var skipped = letters
            .Where(letter =>
                letter.Consumer == FailingNode.Clerk
                && letter.State is DeadLetterState.Skipped or DeadLetterState.Discarded)
            .Select(letter => letter.Position)
            .ToHashSet();
        var handled = Faults.HandledFile.Read(HandledFile).ToLookup(entry => entry.Stream, entry => entry.Version);
        foreach (var stream in log.GroupBy(recorded => recorded.Stream))
        {
            var wanted = stream
                .Where(recorded => !skipped.Contains(recorded.Position))
                .Select(recorded => recorded.Version)
                .ToArray();
            var first = handled[stream.Key].Distinct().Intersect(wanted).ToArray();
            Assert.True(
                wanted.SequenceEqual(first),
                $"Versions {string.Join(' ', first)} of {stream.Key} were handled, with {where}.");
        }
    }
}
