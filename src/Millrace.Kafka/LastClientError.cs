using Confluent.Kafka;

namespace Millrace.Kafka;

/// <summary>
/// What a client said last of why no broker can be spoken to. It says so beside: what it answers with then is no more
/// than that the transport failed.
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

    /// <summary>A broker has answered.</summary>
    public void Forget()
    {
        if (Volatile.Read(ref _last) is not null) // Asked for with every message.
            Volatile.Write(ref _last, null);
    }

    /// <summary>An error with its cause, where it does not say that itself.</summary>
    public Error WithLastError(Error error) =>
        error.Code is ErrorCode.Local_Transport or ErrorCode.Local_AllBrokersDown or ErrorCode.Local_TimedOut
        && Volatile.Read(ref _last) is { } cause
            ? new Error(error.Code, $"{error.Reason}: {cause}", error.IsFatal)
            : error;
}
