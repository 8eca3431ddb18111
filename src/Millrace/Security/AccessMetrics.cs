using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Millrace.Security;

/// <summary>Counts decisions about access, and logs denials and changes.</summary>
internal sealed partial class AccessMetrics : IAccessObserver
{
    private readonly Counter<long> _decisions;
    private readonly ILogger _logger;

    public AccessMetrics(IMeterFactory? meters, ILogger logger)
    {
        var meter = meters?.Create(MillraceTelemetry.MeterName) ?? new Meter(MillraceTelemetry.MeterName);
        _decisions = meter.CreateCounter<long>(
            "millrace.access.decisions", "{decision}", "Decisions about the access of users.");
        _logger = logger;
    }

    public void Decided(in AccessAttempt attempt)
    {
        if (_decisions.Enabled)
            _decisions.Add(
                1,
                new KeyValuePair<string, object?>(
                    "millrace.access.action", AccessRights.WordOf(attempt.Permission.Action)),
                new KeyValuePair<string, object?>(
                    "millrace.access.result", attempt.IsAllowed ? "allowed" : "denied"));
        if (!attempt.IsAllowed)
            Log.Denied(_logger, attempt.Permission, attempt.UserId ?? AccessSubject.AnonymousRole);
    }

    public void Changed(AccessGrant grant, bool isRevoked)
    {
        if (isRevoked)
            Log.Revoked(_logger, grant.By, grant.Right, grant.To, grant.Reason);
        else
            Log.Granted(_logger, grant.By, grant.Right, grant.To, grant.Reason);
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 15001, Level = LogLevel.Information,
            Message = "The permission '{Permission}' is denied to {User}.")]
        public static partial void Denied(ILogger logger, AccessPermission permission, string user);

        [LoggerMessage(
            EventId = 15002, Level = LogLevel.Information,
            Message = "{User} granted the right '{Right}' to {Grantee}: {Reason}")]
        public static partial void Granted(
            ILogger logger, string user, string right, AccessGrantee grantee, string reason);

        [LoggerMessage(
            EventId = 15003, Level = LogLevel.Information,
            Message = "{User} revoked the right '{Right}' of {Grantee}: {Reason}")]
        public static partial void Revoked(
            ILogger logger, string user, string right, AccessGrantee grantee, string reason);
    }
}
