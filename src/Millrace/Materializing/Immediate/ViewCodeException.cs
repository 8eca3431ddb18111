namespace Millrace.Materializing.Immediate;

/// <summary>
/// Thrown when the code of an immediate view fails. It wraps every exception, so that none is taken for a fault of the
/// database.
/// </summary>
/// <param name="subject">The document or group for which the code fails.</param>
/// <param name="innerException">The exception of the code.</param>
internal sealed class ViewCodeException(string subject, Exception innerException)
    : Exception($"The code of the view failed for {subject}: {innerException.Message}", innerException);
