using System.Globalization;
using Millrace.Cli.Output;
using Millrace.Storage;

namespace Millrace.Cli;

/// <summary>Checks that every payload of a store matches its content type. Reads one event at a time.</summary>
internal static class PayloadVerification
{
    public const string Promise = "Every payload with a JSON or CBOR content type is well formed.";
    private const int MaxProblems = 100;
    private const int ReportEvery = 1_000;

    public static async Task<VerifyCheck> Run(
        OpenStore open, ProgressIndicator bar, CancellationToken cancellationToken)
    {
        var (examined, problems) = (0L, new List<string>());
        var last = (await open.Storage.Log.GetHead(cancellationToken)).Position;
        await foreach (var recorded in open.Store.ReadLog(EventFilter.All, cancellationToken: cancellationToken))
        {
            if (++examined % ReportEvery == 0)
                bar.Show("payloads", recorded.Position, last);
            if (PayloadValidator.FindProblem(recorded.Payload.Span, recorded.ContentType) is { } problem
                && problems.Count < MaxProblems)
                problems.Add(Describe(recorded, problem));
        }
        return new VerifyCheck(Promise, examined, problems);
    }

    private static string Describe(RecordedEvent recorded, string problem) =>
        $"The event at position {recorded.Position.ToString(CultureInfo.InvariantCulture)}, version "
        + $"{recorded.Version.ToString(CultureInfo.InvariantCulture)} of stream "
        + $"'{TerminalText.OneLine(recorded.Stream.Value)}', is not {TerminalText.OneLine(recorded.ContentType)}: "
        + $"{TerminalText.OneLine(problem)}";
}
