namespace Millrace;

/// <summary>
/// Answers one or more questions of the readiness check. Register own checks as services of this type. They are created
/// for each check, in the scope of the request.
/// </summary>
public interface IReadinessCheck
{
    /// <summary>Answers the questions. An exception or more than 10 seconds are reported as unknown.</summary>
    /// <param name="cancellationToken">Cancels the check.</param>
    ValueTask<IReadOnlyList<ReadinessItem>> Check(CancellationToken cancellationToken);
}
