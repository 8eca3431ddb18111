using Millrace.Storage;
using Millrace.Testing.Conformance.Checks;

namespace Millrace.Testing.Conformance.Scheduling;

/// <summary>Compares the whole content of a storage with the content of the model.</summary>
internal sealed class ScheduleComparison(StorageProbe probe, StoreModel model, string when)
{
    public async Task Run()
    {
        await CompareLog();
        await CompareStreams();
        await CompareFacts();
        await CompareDocuments();
        await CompareConsumers();
    }

    private async Task CompareLog()
    {
        Expect.Equal(model.Log.Count, await probe.LastPosition(), $"{when}: the head of the log");
        var remaining = model.Log.Where(one => !one.IsRemoved).ToList();
        var log = await probe.ReadLog(limit: 64);
        Expect.Same(
            remaining.Select(one => one.Position),
            log.Select(one => one.Position),
            $"{when}: the positions of the log");
        foreach (var (expected, actual) in remaining.Zip(log))
        {
            Expect.Equal(
                (expected.Stream, expected.Version, expected.Timestamp),
                (actual.Stream, actual.Version, actual.Timestamp),
                $"{when}: an event's stream, version and position");
            FidelityChecks.ExpectSame(expected.Encoded, actual);
        }
        EventFilter[] filters =
        [
            EventFilter.OfTypes("paid", "shipped"),
            EventFilter.WithTags(new Tag("customer", "1")),
            EventFilter.InStreams("order"),
            new() { Source = "shop" },
            new() { CorrelationId = Sample.Id(9_000_001), Types = ["placed"] },
            new() { From = remaining.ElementAtOrDefault(remaining.Count / 2)?.Timestamp },
        ];
        foreach (var filter in filters)
        {
            var expected = remaining.Where(one => one.Matches(filter)).Select(one => one.Position).ToList();
            Expect.Same(
                expected, (await probe.ReadLog(filter, limit: 5)).Select(one => one.Position), $"{when}: {filter}");
            Expect.Equal(expected.Count, await probe.Log.Count(filter, probe.Cancel), $"{when}: the count of {filter}");
        }
    }

    private async Task CompareStreams()
    {
        foreach (var (stream, expected) in model.Streams)
        {
            Expect.Equal(expected.Head, await probe.Head(stream.Value), $"{when}: the head of '{stream}'");
            var visible =
                expected.State != StreamState.Open
                    ? []
                    : expected.Events.Where(one => one.Version >= expected.FirstVersion).ToList();
            var placements = visible.Select(one => (one.Version, one.Position)).ToList();
            Expect.Same(
                placements,
                (await probe.ReadStream(stream.Value)).Select(one => (one.Version, one.Position)),
                $"{when}: stream '{stream}'");
            placements.Reverse();
            var backwards = (await probe.ReadStreamBackwards(stream.Value)).Select(one => (one.Version, one.Position));
            Expect.Same(placements, backwards, $"{when}: stream '{stream}' backwards");
        }
        var listed = await probe.Log.ListStreams("", null, 1_000, probe.Cancel);
        var infos = model.Streams.Select(pair => new StreamInfo(
            pair.Key, pair.Value.Version, pair.Value.FirstVersion, pair.Value.State));
        Expect.Same(
            infos.OrderBy(info => info.Stream.Value, UnusualNames.Utf8ByteComparer.Instance),
            listed,
            $"{when}: the streams");
        Expect.Same(model.Removals, await probe.Log.ListRemovals(null, probe.Cancel), $"{when}: the removals");
    }

    private async Task CompareFacts()
    {
        for (var value = 0; value < 4; value++)
        {
            var expected = model.Claims.GetValueOrDefault(("email", $"{value}"));
            Expect.Equal(
                expected, await probe.Log.FindClaim("email", $"{value}", probe.Cancel),
                $"{when}: the owner of {value}");
        }
        foreach (var ((scope, id), (mark, position)) in model.Handled.Where(pair =>
                pair.Value.Mark.Until == Sample.FarFuture))
        {
            var answer = Expect.NotNull(
                await probe.Log.FindHandled(scope, id, probe.Cancel), $"{when}: handled id '{id}'");
            Expect.Equal(position, answer.Position, $"{when}: the position of handled id '{id}'");
            Expect.SameBytes(mark.Answer, answer.Answer, $"{when}: the answer of handled id '{id}'");
        }
    }

    private async Task CompareDocuments()
    {
        var all = await probe.Documents.GetMany(
            ScheduleSource.Collection, [.. Enumerable.Range(0, 6).Select(number => $"key-{number}")], probe.Cancel);
        Expect.Same(
            model.Documents.Values.Select(row => (row.Document.Key, row.Document.Version, row.Document.Position)),
            all.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => (one.Key, one.Version, one.Position)),
            $"{when}: the documents");
        foreach (var document in all)
            Expect.SameBytes(
                model.Documents[document.Key].Document.Body, document.Body, $"{when}: the body of '{document.Key}'");
        var fields = model.Documents.ToDictionary(pair => pair.Key, pair => pair.Value.Fields.ToArray());
        var query = new DocumentQuery
        {
            Collection = ScheduleSource.Collection,
            OrderBy = "amount",
            IsDescending = true,
        };
        var page = await probe.Documents.Query(query, probe.Cancel);
        var expected = new QueryModel(ScheduleSource.Definition, fields).Keys(query);
        Expect.Same(expected, page.Documents.Select(one => one.Key), $"{when}: the documents by amount");
    }

    private async Task CompareConsumers()
    {
        var expected = model
            .Partitions.OrderBy(pair => pair.Key)
            .Select(pair => (pair.Key, pair.Value.Holder, pair.Value.Epoch, pair.Value.Checkpoint));
        var records = (await probe.Leases.List(probe.Cancel)).Where(record =>
            record.Consumer == ScheduleSource.Consumer);
        Expect.Same(
            expected,
            records.Select(one => (one.Partition, one.Holder, one.LeaseEpoch, one.Checkpoint)),
            $"{when}: the consumer's partitions");
    }
}
