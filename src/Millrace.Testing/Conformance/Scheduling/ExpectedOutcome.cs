using Millrace.Storage;

namespace Millrace.Testing.Conformance.Scheduling;

/// <summary>The outcome of a request that the model expects.</summary>
internal sealed record ExpectedOutcome(
    CommitResult Result, Type? Refusal = null, long Position = 0, params AppendPlacement[] Placements)
{
    public long DocumentVersion { get; init; }

    public static ExpectedOutcome Refused<TRefusal>()
        where TRefusal : MillraceException =>
        new(CommitResult.Refused, typeof(TRefusal));

    public void Compare(CommitOutcome actual, string what)
    {
        var refusal = actual.Refusal?.GetType().Name;
        Expect.Equal((Result, Refusal?.Name), (actual.Result, refusal), $"{what}, its outcome");
        if (Result == CommitResult.Refused)
            return;
        Expect.Equal(Position, actual.Position, $"{what}, its position");
        Expect.Same(Placements, actual.Placements, $"{what}, its placements");
        Expect.Equal(DocumentVersion, actual.DocumentVersion, $"{what}, the version of its documents");
    }
}
