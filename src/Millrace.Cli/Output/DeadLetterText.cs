using System.Globalization;
using Millrace.Storage;

namespace Millrace.Cli.Output;

/// <summary>Writes a dead letter as text.</summary>
internal static class DeadLetterText
{
    public static void Write(ToolInvocation call, DeadLetterView view)
    {
        var letter = view.DeadLetter;
        var rows = TextTable.OfFacts()
            .Add("dead letter", letter.Id.ToString(CultureInfo.InvariantCulture));
        AddIf(rows, "shard", letter.Shard);
        rows.Add("consumer", letter.Consumer)
            .Add("state", letter.State.ToString())
            .Add("key", letter.Key.Length == 0 ? "unknown: its stream is blocked" : letter.Key)
            .Add("event", $"{letter.EventType} in {letter.Stream} @ {letter.Version}, position {letter.Position}")
            .Add("attempts", TextTable.Number(letter.Attempts));
        AddIf(rows, "class", letter.Class?.ToString());
        AddIf(rows, "cause", letter.Cause);
        AddIf(rows, letter.IsOpen ? "error" : "last error", letter.Message);
        AddIf(rows, "first failed", TimeOf(letter.FirstFailedAt));
        AddIf(rows, "last failed", TimeOf(letter.LastFailedAt));
        AddIf(rows, "next retry", TimeOf(letter.RetryAt));
        AddIf(rows, "decided", letter.User is null ? null : $"{letter.Decision} by {letter.User}: {letter.Reason}");
        rows.Add("events waiting", TextTable.Number(view.WaitingCount));
        AddIf(rows, "waits behind", view.BlockedBy?.Id.ToString(CultureInfo.InvariantCulture));
        rows.Write(call);
        Section(
            call,
            "Payload",
            view.Event is { } recorded ? PayloadText.Of(recorded.ReadablePayload.Span) : "(removed from the log)");
        if (view.ReadableEdit is { } edited)
            Section(call, "Edited payload", PayloadText.Of(edited.Span));
        if (letter.Stack is { } stack)
            Section(call, "Stack", stack);
        if (view.Waiting.Count > 0)
            Section(
                call,
                "Waiting",
                string.Join(
                    '\n',
                    view.Waiting.Select(waiting => $"{waiting.Id}  {waiting.EventType} at {waiting.Position}")));
    }

    /// <summary>Returns the error, or the user and the reason of a final decision.</summary>
    public static string? ErrorOrDecision(DeadLetter letter) => letter.IsOpen || letter.User is null
        ? letter.Message
        : $"decided by {letter.User}{(letter.Reason is null ? "" : ": " + letter.Reason)}";

    private static string? TimeOf(DateTimeOffset? time) => time is { } known ? EventView.TimeOf(known) : null;

    private static void AddIf(TextTable rows, string name, string? value)
    {
        if (value is not null)
            rows.Add(name, value);
    }

    private static void Section(ToolInvocation call, string title, string text)
    {
        call.Text.WriteLine(title + ":");
        foreach (var line in TerminalText.Of(text).Split('\n'))
            call.Text.WriteLine("    " + line.TrimEnd('\r'));
    }
}
