using System.Globalization;
using Millrace.Testing.Differences;
using Millrace.Testing.Specifications;

namespace Millrace.Testing.HistoryGeneration;

/// <summary>Writes a history for display.</summary>
internal static class HistoryText
{
    public static List<string> Lines(IReadOnlyList<HistoryStep> steps, RoundTrip roundTrip)
    {
        var lines = new List<string>();
        for (var i = 0; i < steps.Count; i++)
        {
            var arguments =
                steps[i].Arguments is { } given ? " " + ValueTree.Text(ValueTree.Of(given, roundTrip.Json)) : "";
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{i + 1}. {steps[i].Command}{arguments}"));
            if (steps[i].Refusal is { } refusal)
                lines.Add($"   refused: {Reason(refusal)}");
            lines.AddRange(roundTrip.Display(steps[i].Events).Select(raised => $"   {raised}"));
        }
        return lines;
    }

    public static string Reason(Exception refusal) =>
        refusal is InvariantViolatedException violated
            ? $"'{violated.Invariant}': {violated.Message}"
            : refusal.Message;
}
