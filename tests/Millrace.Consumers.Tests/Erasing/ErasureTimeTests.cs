using System.Diagnostics;
using System.Text;

namespace Millrace.Tests.Erasing;

/// <summary>Tests the time of an erasure in a large store.</summary>
public sealed class ErasureTimeTests : IDisposable
{
    private const int Events = 1_000_000;
    private const int EventsOfSubject = 10_000;
    private const int Batch = 1_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("millrace-erasing-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    [Trait(TestRun.Kind, TestRun.Long)]
    public async Task Keys_and_copies_of_10_000_events_among_a_million_are_erased_in_seconds()
    {
        var clock = new Stopwatch();
        TimeSpan? untilCopies = null;
        await using var app = await PeopleApp.Start(
            millrace => millrace.UseSqlite(Path.Combine(_folder, "people.db")),
            new PeopleKeys(),
            options => options.AfterStep = step =>
            {
                if (step == "erasures.copies-removed")
                    untilCopies = clock.Elapsed;
            });
        await Fill(app);
        await app.Erasures.Request(new ErasureRequest("e1", "person-0", "asked by letter", "officer"));
        await app.Erasures.Approve("e1", "lawyer");

        clock.Start();
        var info = await app.Erasures.CarryOut("e1");

        Console.WriteLine($"keys and copies {untilCopies}, all {clock.Elapsed}");
        Assert.Equal(ErasureState.Confirmed, info.State);
        Assert.Equal(EventsOfSubject, info.Found.Single(place => place.Name == "log").Matches);
        Assert.True(untilCopies < TimeSpan.FromSeconds(20), $"Keys and copies took {untilCopies}.");
    }

    /// <summary>Appends events of 100 people, each with its own values.</summary>
    private static async Task Fill(PeopleApp app)
    {
        for (var i = 0; i < Events / Batch; i++)
        {
            var person = i % (Events / EventsOfSubject);
            var events = Enumerable.Range(0, Batch).Select(n => NewEvent.FromBytes(
                "person.imported", Encoding.UTF8.GetBytes(
                    $$"""{"name":"Person Number {{person}} of all","city":"City {{n}} in {{person}}"}""")));
            await app.Store.Append(new StreamId($"person-{person}"), ExpectedVersion.Any, [.. events]);
        }
    }
}
