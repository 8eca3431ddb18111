using System.Globalization;
using System.Text;
using Millrace.Shared.Comparisons;

namespace Millrace.Cli.Output;

/// <summary>Writes an explanation as text: the answer, contradictions, and previous values.</summary>
internal sealed class ExplanationText(ToolInvocation call, Explanation explanation)
{
    private const int MaxCellCharacters = 60;

    private string Subject => explanation.Kind is ExplainedKind.Document or ExplainedKind.Table
        ? $"{explanation.Name}/{explanation.Key}"
        : explanation.Stream?.Value ?? explanation.Key;

    private string Path => explanation.Member is null ? Subject
        : explanation.Member.StartsWith('[') ? Subject + explanation.Member
        : $"{Subject}.{explanation.Member}";

    /// <summary>Gets whether an earlier search has reported the previous changes.</summary>
    private bool HasMoreHistory => explanation.SearchedFrom > 1;

    public void Write(bool withHistory)
    {
        WriteValue();
        if (explanation.Answer is { } answer)
            WriteAnswer(answer);
        WriteStored();
        WriteCaveats();
        if (withHistory && explanation.Changes.Count > 1)
            WriteHistory();
        else if (withHistory && HasMoreHistory)
            WriteContinuation("changed it");
        WriteTimeLimit();
    }

    /// <summary>Writes how to continue after the time limit.</summary>
    private void WriteTimeLimit()
    {
        if (explanation.IsComplete)
            return;
        call.Line(
            Text($"The time limit was reached at position {explanation.Position:N0} of {explanation.Until:N0}: ")
                + "the output shows this position.");
        WriteLineIf(explanation.NoContinuation);
        // This line is not wrapped, so that users can copy it.
        call.Text.WriteLine(explanation.Continuation is { } text
            ? $"To continue from there, repeat the command with --go-on {text}"
            : "For the full result, repeat the command with more --seconds.");
    }

    private void WriteValue()
    {
        if (explanation.Events == 0)
        {
            call.Line($"{Path}: {NoEventText}");
        }
        else if (explanation.Kind == ExplainedKind.Table)
        {
            call.Line(
                $"{Subject}: {Counted.Of(explanation.Events, "event")}, of which "
                    + $"{TextTable.Number(explanation.ChangeCount)} "
                    + "caused statements."
            );
        }
        else if (explanation.Value is null)
        {
            call.Line($"{Path} has no value{(explanation.Exists ? "" : $": the {Noun} no longer exists")}.");
        }
        else if (explanation.Member is null)
        {
            call.Line($"{Path} =");
            foreach (var line in PayloadText.Of(Encoding.UTF8.GetBytes(explanation.Value)).Split('\n'))
                call.Text.WriteLine("    " + TerminalText.Of(line));
        }
        else
        {
            call.Line($"{Path} = {explanation.Value}");
        }
    }

    /// <summary>Gets whether whole documents are explained. In this case only the changes are written.</summary>
    private bool ExplainsDocuments =>
        explanation.Changes.Any(change => change is { Before: ['{', ..], After: ['{', ..] });

    private string NoEventText => explanation.Kind switch
    {
        _ when !explanation.IsComplete => "No event was found yet.",
        ExplainedKind.Document => "No event has created this document.",
        ExplainedKind.Table => "No event has this key.",
        _ => "The stream does not exist.",
    };

    private string Noun => explanation.Kind.ToString().ToLowerInvariant();

    private void WriteAnswer(ValueChange answer)
    {
        var (recorded, metadata) = (answer.Event, answer.Event.Metadata);
        var rows = TextTable.OfFacts().Add("by", string.Join(", then ", answer.Rules));
        var version = recorded.SchemaVersion == 1 ? "" : Text($", stored as version {recorded.SchemaVersion}");
        rows.Add(
            "event",
            Text($"{recorded.Type} at position {recorded.Position}, {EventView.TimeOf(recorded.Timestamp)}{version}"));
        if (answer.ReadAs.Count > 0)
            rows.Add("read as", string.Join(", ", answer.ReadAs));
        if (answer.IsCorrected)
            rows.Add("", "with the edited payload of a dead letter; the log contains the original");
        rows.Add("in", Text($"{recorded.Stream} @ {recorded.Version}"));
        rows.Add("id", recorded.Id.ToString());
        rows.Add("command", metadata.Command ?? "(not recorded)");
        AddIf(rows, "caused by", recorded.CausationId?.ToString());
        AddIf(rows, "conversation", recorded.CorrelationId?.ToString());
        rows.Add("user", metadata.UserId ?? "(not recorded)");
        AddIf(rows, "source", recorded.Source);
        rows.Add("build", metadata.ApplicationVersion ?? "(not recorded)");
        if (explanation.Member is not null && explanation.Kind != ExplainedKind.Table)
            rows.Add("before", answer.Before ?? "(none)");
        foreach (var statement in answer.Statements)
            rows.Add("statement", StatementText.Of(statement));
        foreach (var cause in explanation.Causes)
            rows.Add(
                "because of", Text($"{cause.Type} at position {cause.Position} in {cause.Stream} @ {cause.Version}"));
        rows.Write(call);
    }

    private void WriteStored() =>
        WriteLineIf(
            explanation.Stored.State switch
            {
                // The explained value never existed.
                _ when explanation.Events == 0 && explanation.Stored.Value is null => null,
                StoredValueState.Same => $"Readers get the same value from {explanation.Stored.Collection}.",
                StoredValueState.Behind =>
                    $"Readers get {explanation.Stored.Value ?? "no value"} from {explanation.Stored.Collection}, "
                        + "which has not handled the latest events yet.",
                StoredValueState.Differs =>
                    $"Readers get another value from {explanation.Stored.Collection}: "
                        + $"{explanation.Stored.Value ?? "none"}. Events were removed, the code of the projection "
                        + "changed without a new version, or another program changed the documents.",
                StoredValueState.OtherVersion =>
                    $"Readers get {explanation.Stored.Value ?? "no value"} from {explanation.Stored.Collection}, "
                        + "which another version of the projection created: this one is not built yet.",
                StoredValueState.InTables => "The tables belong to the application, and Millrace does not read them"
                    + (explanation.Member is null
                        ? ""
                        : $" and does not know which statement sets '{explanation.Member}'")
                    + ". Query the database for the row of the statements.",
                _ => null,
            }
        );

    private void WriteCaveats()
    {
        foreach (var removal in explanation.Removals)
            call.Line(RemovalText.LineOf(removal));
        foreach (var letter in explanation.DeadLetters)
        {
            call.Line(Text($"Dead letter {letter.Id}, {letter.State}: {letter.EventType} at position {letter.Position}")
                + (DeadLetterText.ErrorOrDecision(letter) is { } reason ? ": " + reason : ""));
        }
        if (explanation.DeadLetterCount > explanation.DeadLetters.Count)
            call.Line(
                Text($"… and {explanation.DeadLetterCount - explanation.DeadLetters.Count:N0} more dead letters."));
        if (explanation.FailureCount > 0)
            call.Line(
                $"{Counted.Of(explanation.FailureCount, "event")} could not be read or "
                    + $"folded{(explanation.Failures.Count > 0 ? ":" : ".")}"
            );
        foreach (var failure in explanation.Failures)
            call.Line(Text($"    {failure.Position} {failure.Type}: {failure.Message}"));
    }

    private void WriteHistory()
    {
        if (explanation.Kind == ExplainedKind.Table)
        {
            WriteStatements();
            return;
        }
        string[] values = ExplainsDocuments ? ["~changed"] : ["~before", "~after"];
        var rows = new TextTable(["#position", "when", "event", "command", "user", .. values]);
        foreach (var change in explanation.Changes)
        {
            rows.Add(
            [
                TextTable.Number(change.Event.Position),
                EventView.TimeOf(change.Event.Timestamp),
                change.Event.Type,
                change.Event.Metadata.Command ?? "",
                change.Event.Metadata.UserId ?? "",
                .. ExplainsDocuments ? (string[])[Differences(change)] : [Cell(change.Before), Cell(change.After)],
            ]);
        }
        rows.Write(call);
        WriteContinuation("changed it");
    }

    private void WriteStatements()
    {
        var rows = new TextTable("#position", "when", "event", "~statement");
        foreach (var change in explanation.Changes)
        {
            foreach (var statement in change.Statements)
            {
                rows.Add(
                    TextTable.Number(change.Event.Position),
                    EventView.TimeOf(change.Event.Timestamp),
                    change.Event.Type,
                    StatementText.Of(statement));
            }
        }
        rows.Write(call);
        WriteContinuation("caused statements");
    }

    private void WriteContinuation(string effect)
    {
        if (explanation.ChangeCount <= explanation.Changes.Count)
            return;
        var hint = HasMoreHistory
            ? Text($"the previous search showed those up to position {explanation.SearchedFrom - 1:N0}; ")
                + "--all shows all later ones."
            : "--all shows all.";
        call.Line(Text($"{explanation.ChangeCount:N0} of {explanation.Events:N0} events {effect}; {hint}"));
    }

    private void WriteLineIf(string? line)
    {
        if (line is not null)
            call.Line(line);
    }

    private static string Differences(ValueChange change)
    {
        if (change.After is null)
            return "gone";
        var before = change.Before is null ? (ReadOnlyMemory<byte>?)null : Encoding.UTF8.GetBytes(change.Before);
        var fields = FieldDifferences.Between(before, Encoding.UTF8.GetBytes(change.After), out var count);
        var texts = fields.Select(field => change.Before is null ? $"{field.Path}: {field.After}"
            : $"{field.Path}: {field.Before ?? "(none)"} -> {field.After ?? "(none)"}");
        return string.Join(", ", texts) + (count > fields.Count ? Text($" … and {count - fields.Count:N0} more") : "");
    }

    private static string Cell(string? json) =>
        json is null ? "(none)"
        : json.Length <= MaxCellCharacters ? json
        : string.Concat(json.AsSpan(0, MaxCellCharacters), "…");

    private static void AddIf(TextTable rows, string name, string? value)
    {
        if (value is not null)
            rows.Add(name, value);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
