using Microsoft.Extensions.Logging;

namespace Millrace.Tenancy;

/// <summary>The log messages of <see cref="OpenTenants"/>.</summary>
internal static partial class OpenTenantsLog
{
    [LoggerMessage(
        EventId = 7001, Level = LogLevel.Error, Message = "The tenant {Tenant} could not be closed normally.")]
    public static partial void CannotClose(ILogger logger, string tenant, Exception exception);
}
