using Millrace.Storage.Moves;
using Millrace.Testing;
using Millrace.Tests;

namespace Millrace.Moves.Tests;

/// <summary>Who only reads is not left with what was there before a move.</summary>
public sealed class ReaderTests
{
    [PostgreSqlFact]
    public async Task A_reader_that_follows_reads_what_is_written_at_the_new_place()
    {
        await using var places = await Places.Make();
        await places.Fill(200);
        var time = new ManualTimeProvider(DateTimeOffset.UtcNow);
        await using var reader = await EventStore.Open(
            new FollowingStorage(places.Sqlite(), places.PostgreSql(), TimeProvider.System), EventTypeMap.Empty, time: time);
        await MoveAndWrite(places);

        await Eventually.Is(
            async () =>
            {
                time.Advance(MoveWatcher.Every);
                return await reader.Count(EventFilter.All);
            },
            count => count == 201);

        Assert.Equal(201, (await reader.ReadLogBackwards(EventFilter.All).FirstAsync()).Position);
    }

    [PostgreSqlFact]
    public async Task A_reader_that_does_not_follow_is_told_in_its_log()
    {
        await using var places = await Places.Make();
        await places.Fill(200);
        var time = new ManualTimeProvider(DateTimeOffset.UtcNow);
        using var log = new RecordedLog();
        await using var reader = await EventStore.Open(places.Sqlite(), EventTypeMap.Empty, time: time, loggers: log);
        await MoveAndWrite(places);

        var told = await Eventually.Is(
            () =>
            {
                time.Advance(MoveWatcher.Every);
                var texts = log.Entries.Select(entry => entry.Text);
                return Task.FromResult(texts.FirstOrDefault(text => text.Contains("was moved to", StringComparison.Ordinal)));
            },
            text => text is not null);

        await using var database = places.PostgreSql();
        Assert.Contains(database.Description, told, StringComparison.Ordinal);
    }

    private static async Task MoveAndWrite(Places places)
    {
        await using (var file = places.Sqlite())
        await using (var database = places.PostgreSql())
            await new StoreMove(file, database).Run();
        await using var there = await EventStore.Open(places.PostgreSql(), EventTypeMap.Empty);
        await there.Append(new StreamId("new-1"), ExpectedVersion.NoStream, [NewEvent.FromBytes("new.thing", "{}"u8.ToArray())]);
    }
}
