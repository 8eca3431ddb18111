using Millrace.Storage.Objects;

namespace Millrace.ObjectStorage;

/// <summary>The meaning of a failed attempt.</summary>
/// <param name="Problem">The kind of problem.</param>
/// <param name="Reason">The reason and what to do, as one or more sentences.</param>
/// <param name="IsRetried">True if another attempt can succeed soon.</param>
internal sealed record CallFailure(ObjectStorageProblem Problem, string Reason, bool IsRetried = false)
{
    public static CallFailure Unreachable(string reason) =>
        new(ObjectStorageProblem.Unavailable, reason, IsRetried: true);
}
