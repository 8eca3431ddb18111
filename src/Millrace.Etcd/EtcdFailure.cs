using System.Security.Authentication;
using Grpc.Core;

namespace Millrace.Etcd;

/// <summary>The error of a failed call for its caller, and whether another attempt can succeed.</summary>
/// <param name="Exception">The error for the caller.</param>
/// <param name="IsRetried">True if another member, or the same one later, may answer.</param>
/// <param name="NeedsToken">True if the next attempt needs a new token.</param>
internal sealed record EtcdFailure(MillraceException Exception, bool IsRetried, bool NeedsToken = false)
{
    public static EtcdFailure Of(Exception exception, string operation, EtcdOptions options)
    {
        if (exception is not RpcException call)
        {
            var problem = exception is OperationCanceledException
                ? $"{operation} was not answered within {options.AnswerTimeout}."
                : $"{operation} failed: {exception.Message}";
            return Unavailable(problem, isRetried: true);
        }
        var text = call.Status.Detail;
        if (ProblemOfTls(call, text) is { } certificate)
            return Refused(certificate, isRetried: options.Endpoints().Length > 1);
        return call.StatusCode switch
        {
            StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Cancelled or StatusCode.Internal =>
                Unavailable($"{operation} failed: {text}", isRetried: true),
            StatusCode.Unauthenticated => Refused($"the token of {Client()} is refused ({text}).", isRetried: true) with
            {
                NeedsToken = true,
            },
            StatusCode.PermissionDenied => Refused(
                $"{Client()} is not allowed to do {operation} ({text}). Give it a role with read and write permission "
                    + $"on the keys that start with '{options.KeyPrefix}'."),
            StatusCode.InvalidArgument when Has("auth store is old") =>
                Unavailable($"{operation} failed: {text}", isRetried: true) with { NeedsToken = true },
            StatusCode.InvalidArgument when Has("authentication failed") => Refused(
                $"{Client()} or its password is wrong ({text}). Check {EtcdSettings.Section}:User and "
                    + $"{EtcdSettings.Section}:Password."
            ),
            StatusCode.InvalidArgument when Has("user name is empty") => Refused(
                $"authentication is enabled in etcd, and no user is given ({text}). Set {EtcdSettings.Section}:User "
                    + $"and {EtcdSettings.Section}:Password."),
            StatusCode.FailedPrecondition when Has("authentication is not enabled") => Refused(
                $"{Client()} is given, but authentication is not enabled in etcd ({text}). Enable it, or remove "
                + $"{EtcdSettings.Section}:User and {EtcdSettings.Section}:Password."),
            _ => Unavailable($"{operation} was answered with {call.StatusCode}: {text}", isRetried: false),
        };

        bool Has(string part) => text.Contains(part, StringComparison.Ordinal);

        string Client() => string.IsNullOrWhiteSpace(options.User) ? "this client" : $"the user '{options.User}'";

        EtcdFailure Unavailable(string problem, bool isRetried) =>
            new(new EtcdUnavailableException(options.Address, problem, exception), isRetried);

        EtcdFailure Refused(string problem, bool isRetried = false) =>
            new(new EtcdAccessException(options.Address, problem, exception), isRetried);
    }

    /// <summary>Returns the problem with a certificate; null if TLS is not the reason.</summary>
    private static string? ProblemOfTls(RpcException call, string text)
    {
        for (
            var cause = call.Status.DebugException ?? call.InnerException;
            cause is not null;
            cause = cause.InnerException)
        {
            if (cause is AuthenticationException)
            {
                return $"its certificate is not accepted ({cause.Message}). Check "
                    + $"{EtcdSettings.Section}:CertificateAuthorityFile, and that the certificate names the host of "
                    + "the endpoint.";
            }
            text += cause.Message;
        }
        return text.Contains("alert", StringComparison.OrdinalIgnoreCase)
            && text.Contains("certificate", StringComparison.OrdinalIgnoreCase)
            ? $"it refuses the client's certificate, or needs one. Check {EtcdSettings.Section}:ClientCertificateFile "
                + $"and {EtcdSettings.Section}:ClientKeyFile."
            : null;
    }
}
