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

    public void Compare(CommitOutcome actual, string subject)
    {
        var refusal = actual.Refusal?.GetType().Name;
        Expect.Equal((Result, Refusal?.Name), (actual.Result, refusal), $"{subject}, its outcome");
        if (Result == CommitResult.Refused)
            return;
        Expect.Equal(Position, actual.Position, $"{subject}, its position");
        Expect.Same(Placements, actual.Placements, $"{subject}, its placements");
        Expect.Equal(DocumentVersion, actual.DocumentVersion, $"{subject}, the version of its documents");
    }
}
