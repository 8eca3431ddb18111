namespace Millrace.Consuming.Retries;

/// <summary>
/// Thrown when a held message fails. The exception adds the number of earlier attempts that no dead letter has counted,
/// and whether the text of the failure could contain a decrypted value.
/// </summary>
internal sealed class HeldMessageFailedException(int attempts, bool? isTextOmitted, Exception failure)
    : Exception(isTextOmitted == true ? failure.GetType().FullName : failure.Message, failure)
{
    /// <summary>Gets the number of earlier attempts that failed.</summary>
    public int Attempts { get; } = attempts;

    /// <summary>
    /// Gets whether the text of the failure is neither stored nor logged; null if the type of the event decides.
    /// </summary>
    public bool? IsTextOmitted { get; } = isTextOmitted;

    /// <summary>Returns the failure that caused the exception.</summary>
    public static Exception Unwrap(Exception exception) =>
        exception is HeldMessageFailedException { InnerException: { } failure } ? failure : exception;
}
