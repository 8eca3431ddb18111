using System.Net.Sockets;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Millrace.RabbitMq;

/// <summary>What goes wrong between here and the broker, in the words of transports.</summary>
internal static class BrokerFailure
{
    private const int AccessRefused = 403;
    private const int NotFound = 404;
    private const int ResourceLocked = 405;
    private const int PreconditionFailed = 406;
    private const int NotAllowed = 530;

    /// <summary>Whether an error is the broker's or the network's.</summary>
    public static bool Is(Exception exception) => exception
        is BrokerUnreachableException or OperationInterruptedException or AlreadyClosedException or IOException or SocketException
        or TimeoutException or ObjectDisposedException or ConnectFailureException or ProtocolException;

    /// <summary>Does something, and tells in the words of transports what goes wrong.</summary>
    public static async ValueTask Told(Func<Task> act, CancellationToken cancellationToken)
    {
        try
        {
            await act().ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            // So the client says that the broker did not answer in time: a queue without a leader does not, for one.
            throw new TransportUnavailableException(RabbitMqTransport.Name, "it did not answer in time.", exception);
        }
        catch (Exception exception) when (Is(exception))
        {
            throw Of(exception);
        }
    }

    public static MillraceException Of(Exception exception)
    {
        var code = (exception as OperationInterruptedException)?.ShutdownReason?.ReplyCode;
        var isRefused = code is AccessRefused or NotFound or ResourceLocked or PreconditionFailed or NotAllowed
            || exception.InnerException is AuthenticationFailureException or PossibleAuthenticationFailureException;
        return isRefused
            ? new TransportRefusedException(RabbitMqTransport.Name, Say(exception), exception)
            : new TransportUnavailableException(RabbitMqTransport.Name, Say(exception), exception);
    }

    public static string Say(ShutdownEventArgs reason) => $"{reason.ReplyText} ({reason.ReplyCode}).";

    private static string Say(Exception exception) =>
        exception is OperationInterruptedException { ShutdownReason: { } reason } ? Say(reason)
        : exception.InnerException switch
        {
            AggregateException { InnerExceptions: [var first, ..] } => $"{exception.Message}: {first.Message}",
            { } inner => $"{exception.Message}: {inner.Message}",
            null => exception.Message,
        };
}
