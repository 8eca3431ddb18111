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

    private const string NoAnswer = "it did not answer in time.";

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

    /// <summary>
    /// Returns true if a channel was closed because an exchange does not exist or may not be written to.
    /// </summary>
    public static bool IsExchangeFailure(ShutdownEventArgs? reason) => reason?.ReplyCode is NotFound or AccessRefused;

    /// <summary>Returns true if connecting to a node failed, and was not cancelled.</summary>
    public static bool IsNodeFailure(Exception exception, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && (Is(exception) || exception is OperationCanceledException);

    /// <summary>Runs an operation, and converts its errors to exceptions of transports.</summary>
    public static async ValueTask ConvertErrors(Func<Task> call, CancellationToken cancellationToken)
    {
        try
        {
            await call().ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The client reports a timeout in this way, for example for a queue without a leader.
            throw new TransportUnavailableException(RabbitMqTransport.Name, NoAnswer, exception);
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
            ? new TransportRefusedException(RabbitMqTransport.Name, Describe(exception), exception)
            : new TransportUnavailableException(RabbitMqTransport.Name, Describe(exception), exception);
    }

    /// <summary>
    /// Returns the error for a connection that no node accepted. If a node refused the client, the error is a refusal,
    /// which must be fixed, whatever the other nodes report.
    /// </summary>
    public static MillraceException OfAll(IReadOnlyList<(string Node, Exception Failure)> failures)
    {
        var description =
            $"none of {failures.Count} nodes: "
                + $"{string.Join("; ", failures.Select(one => $"{one.Node}: {Describe(one.Failure)}"))}";
        return failures.FirstOrDefault(one => Of(one.Failure) is TransportRefusedException).Failure is { } refusal
            ? new TransportRefusedException(RabbitMqTransport.Name, description, refusal)
            : new TransportUnavailableException(RabbitMqTransport.Name, description, failures[^1].Failure);
    }

    public static string Describe(ShutdownEventArgs reason) => $"{reason.ReplyText} ({reason.ReplyCode}).";

    private static string Describe(Exception exception) =>
        exception is OperationInterruptedException { ShutdownReason: { } reason } ? Describe(reason)
        : exception is OperationCanceledException ? NoAnswer
        : exception.InnerException switch
        {
            AggregateException { InnerExceptions: [var first, ..] } => $"{exception.Message}: {first.Message}",
            { } inner => $"{exception.Message}: {inner.Message}",
            null => exception.Message,
        };
}
