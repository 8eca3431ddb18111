using System.Net.Sockets;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Millrace.RabbitMq;

/// <summary>Converts errors of the client to exceptions of transports.</summary>
internal static class BrokerFailure
{
    private const int AccessRefused = 403;
    private const int NotFound = 404;
    private const int ResourceLocked = 405;
    private const int PreconditionFailed = 406;
    private const int NotAllowed = 530;

    private const string Silent = "it did not answer in time.";

    /// <summary>Returns true for an error of the broker or the network.</summary>
    public static bool Is(Exception exception) =>
        exception
            is BrokerUnreachableException
                or OperationInterruptedException
                or AlreadyClosedException
                or IOException
                or SocketException
                or TimeoutException
                or ObjectDisposedException
                or ConnectFailureException
                or ProtocolException;

    /// <summary>Returns true if a channel was closed because an exchange does not exist.</summary>
    public static bool IsExchangeMissing(ShutdownEventArgs? reason) => reason?.ReplyCode == NotFound;

    /// <summary>Returns true if a channel was closed because of an operation on an exchange.</summary>
    public static bool IsExchangeFailure(ShutdownEventArgs? reason) => reason?.ReplyCode is NotFound or AccessRefused;

    /// <summary>Returns true if connecting to a node failed, and was not cancelled.</summary>
    public static bool IsNodeFailure(Exception exception, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && (Is(exception) || exception is OperationCanceledException);

    /// <summary>Runs an operation, and converts its errors to exceptions of transports.</summary>
    public static async ValueTask Told(Func<Task> act, CancellationToken cancellationToken)
    {
        try
        {
            await act().ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The client reports a timeout in this way, for example for a queue without a leader.
            throw new TransportUnavailableException(RabbitMqTransport.Name, Silent, exception);
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

    /// <summary>
    /// Returns the error if no node was reached. A node that refuses was reached: that error must be fixed, whatever
    /// the other nodes report.
    /// </summary>
    public static MillraceException OfAll(IReadOnlyList<(string Node, Exception Failure)> failures)
    {
        var told =
            $"none of {failures.Count} nodes: "
                + $"{string.Join("; ", failures.Select(one => $"{one.Node}: {Say(one.Failure)}"))}";
        return failures.FirstOrDefault(one => Of(one.Failure) is TransportRefusedException).Failure is { } refusal
            ? new TransportRefusedException(RabbitMqTransport.Name, told, refusal)
            : new TransportUnavailableException(RabbitMqTransport.Name, told, failures[^1].Failure);
    }

    public static string Say(ShutdownEventArgs reason) => $"{reason.ReplyText} ({reason.ReplyCode}).";

    private static string Say(Exception exception) =>
        exception is OperationInterruptedException { ShutdownReason: { } reason } ? Say(reason)
        : exception is OperationCanceledException ? Silent
        : exception.InnerException switch
        {
            AggregateException { InnerExceptions: [var first, ..] } => $"{exception.Message}: {first.Message}",
            { } inner => $"{exception.Message}: {inner.Message}",
            null => exception.Message,
        };
}
