using System.Globalization;
using Millrace.Cli.Output;
using Millrace.Storage;

namespace Millrace.Cli.Doctor;

/// <summary>Checks consumers, dead letters and read models.</summary>
internal sealed class ConsumerDoctorCheck(OpenStore open, TimeProvider time)
{
    private readonly ConsumerStatusTable _consumers = new(open, time);

    public async Task<IReadOnlyList<Finding>> Run(CancellationToken cancellationToken)
    {
        var head = (await open.Storage.Log.GetHead(cancellationToken)).Position;
        var records = await _consumers.List(null, cancellationToken);
        var findings = new List<Finding>();
        foreach (var record in records)
            findings.Add(await Of(record, head, cancellationToken));
        if (records.Count == 0)
            findings.Add(Finding.Ok("consumer", "No consumer has run on this store yet."));
        findings.AddRange(await DeadLetters(cancellationToken));
        findings.AddRange(await ReadModels(records, cancellationToken));
        return findings;
    }

    private async Task<Finding> Of(ConsumerRecord record, long head, CancellationToken cancellationToken)
    {
        var name = $"Consumer '{record.Consumer}'"
            + (record.Partitions <= 1 ? "" : $", partition {record.Partition} of {record.Partitions},");
        var (state, behind) = (_consumers.StateOf(record, head), head - ConsumerStatusTable.PositionOf(record));
        var lag = await _consumers.LagOf(record, cancellationToken);
        var progress = behind <= 0
            ? "has reached the end of the log"
            : string.Create(CultureInfo.InvariantCulture,
                $"is {behind:N0} {(behind == 1 ? "event" : "events")} behind; the first is "
                    + $"{ConsumerStatusTable.Duration(lag)} old");
        return state switch
        {
            "Stalled" or "Faulted" => new Finding(
                "consumer", Severity.Problem, $"{name} is {state.ToLowerInvariant()} and {progress}: {record.Error}",
                "Its read model or receiver is out of date. The consumer retries automatically and continues where it "
                    + "stopped.",
                $"Fix the cause. If too many events wait, run: millrace dead-letters --consumer {record.Consumer}"),
            "Paused" => new Finding(
                "consumer", Severity.Note, $"{name} is paused and {progress}.",
                "Its read model or receiver is not updated.",
                $"Resume it: millrace consumers resume {record.Consumer}"),
            "Stopped" when behind > 0 => new Finding(
                "consumer", Severity.Warning, $"{name} runs on no node and {progress}.",
                "Its read model or receiver is out of date.",
                "Start the application. If no build contains this consumer any more, ignore this warning."),
            _ when IsUnresponsive(record) => new Finding(
                "consumer",
                Severity.Warning,
                $"{name} holds its lease but has not reported for {ConsumerStatusTable.Duration(Silence(record))}.",
                "A handler may wait without a timeout.",
                $"Check the node '{record.Holder}'."),
            _ when lag > DoctorThresholds.LongLag && behind > DoctorThresholds.ManyEvents => new Finding(
                "consumer", Severity.Warning, $"{name} is {state.ToLowerInvariant()} and {progress}.",
                "Readers of its data wait, or see old data.",
                "Check whether it catches up: millrace consumers. If not, add partitions or make the handler faster."),
            _ => Finding.Ok("consumer", $"{name} is {state.ToLowerInvariant()} and {progress}."),
        };
    }

    private async Task<IEnumerable<Finding>> DeadLetters(CancellationToken cancellationToken)
    {
        const int MaxFindings = 5;
        var groups = await open.Storage.DeadLetters.ListGroups(null, MaxFindings, cancellationToken);
        if (groups.Count == 0)
            return [Finding.Ok("dead-letters", "There are no open dead letters.")];
        return groups.Select(group => new Finding(
            "dead-letters", Severity.Warning,
            $"{Counted.Of(group.DeadLetters, "event")} failed in '{group.Consumer}' since "
                + $"{EventView.TimeOf(group.FirstFailedAt)}: {group.Sample.Message}",
            "Later events of the same keys wait.",
            $"millrace dead-letters show {group.Sample.Id.ToString(CultureInfo.InvariantCulture)}; then fix the cause "
                + "and retry, or skip with a reason."));
    }

    private async Task<IEnumerable<Finding>> ReadModels(
        List<ConsumerRecord> records, CancellationToken cancellationToken)
    {
        var models = await open.Storage.Documents.ListReadModels(cancellationToken);
        var collections = await open.Storage.Documents.List(cancellationToken);
        var known = models
            .SelectMany(model => new[] { model.Live, model.Building, model.Kept })
            .ToHashSet(StringComparer.Ordinal);
        known.UnionWith(models.SelectMany(model => model.Retired.Select(one => one.Name)));
        var findings = new List<Finding>();
        foreach (var model in models.Where(model => model.Building is not null))
            findings.Add(Build(model, records));
        foreach (var collection in collections
                .Select(one => one.Definition.Name)
                .Where(name => IsOrphaned(name, models, known)))
            findings.Add(
                new Finding(
                    "read-models",
                    Severity.Note,
                    $"The documents '{collection}' do not belong to a read model in use.",
                    "They occupy disk space.",
                    "No action is required: a running application removes them automatically."));
        if (findings.Count == 0)
            findings.Add(
                Finding.Ok(
                    "read-models",
                    $"{Counted.Of(collections.Count, "collection")} of documents, no unfinished build."));
        return findings;
    }

    private Finding Build(ReadModelRecord model, List<ConsumerRecord> records)
    {
        var isRunning = records.Any(record => record.Consumer == model.Building && _consumers.IsHeld(record));
        return isRunning
            ? new Finding("read-models", Severity.Note, $"'{model.Building}' is being built beside '{model.Live}'.",
                "Readers use the old one until the switch.")
            : new Finding(
                "read-models",
                Severity.Warning,
                $"The build of '{model.Building}' beside '{model.Live}' is unfinished, and no node continues it.",
                "Readers see the old documents until it is finished.",
                $"Start the application that contains it, or cancel the build: millrace projections drop {model.Name}");
    }

    /// <summary>
    /// Returns true when the documents do not belong to a read model in use. A read model without a row in the catalog
    /// has only one collection of documents, which is in use.
    /// </summary>
    private static bool IsOrphaned(string collection, IReadOnlyList<ReadModelRecord> models, HashSet<string?> known) =>
        !known.Contains(collection)
        && models.Any(model => collection.StartsWith(model.Name + "@", StringComparison.Ordinal));

    private bool IsUnresponsive(ConsumerRecord record) => _consumers.IsHeld(record) && record.ReportedAt is not null
        && Silence(record) > DoctorThresholds.LongSilence;

    private TimeSpan Silence(ConsumerRecord record) =>
        record.ReportedAt is { } reportedAt ? time.GetUtcNow() - reportedAt : TimeSpan.Zero;
}
