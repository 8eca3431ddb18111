using Confluent.Kafka;

namespace Millrace.Kafka;

/// <summary>
/// The last error of a client about a failed connection to a broker. The client reports it as a
/// separate error; its other errors only state that the transport failed.
/// </summary>
internal sealed class LastClientError
{
    private string? _last;

    public void Note(Error error)
    {
        if (error.Code is ErrorCode.Local_Ssl or ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed
            or ErrorCode.Local_Resolve)
            Volatile.Write(ref _last, error.Reason);
    }

    /// <summary>Clears the error after a broker has answered.</summary>
    public void Forget()
    {
        if (Volatile.Read(ref _last) is not null) // Called for every message, so avoid the write.
            Volatile.Write(ref _last, null);
    }

    /// <summary>Adds the cause to an error that does not contain it.</summary>
    public Error WithLastError(Error error) =>
        error.Code is ErrorCode.Local_Transport or ErrorCode.Local_AllBrokersDown or ErrorCode.Local_TimedOut
        && Volatile.Read(ref _last) is { } cause
            ? new Error(error.Code, $"{error.Reason}: {cause}", error.IsFatal)
            : error;
}
