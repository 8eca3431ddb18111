using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Millrace.Hosting;

/// <summary>
/// Checks that the audit trail finds the users of HTTP requests. Otherwise, what users read would count as reads of the
/// system.
/// </summary>
internal sealed class RequestUserCheck(IServiceCollection services) : IValidateOptions<AuditTrailOptions>
{
    /// <summary>A service of each web application. The core does not depend on ASP.NET Core.</summary>
    private const string WebHost = "Microsoft.AspNetCore.Hosting.IWebHostEnvironment";

    public ValidateOptionsResult Validate(string? name, AuditTrailOptions options)
    {
        var (isWeb, findsUsers) = (false, false);
        foreach (var service in services)
        {
            isWeb |= service.ServiceType.FullName == WebHost;
            findsUsers |= service.ServiceType == typeof(IRequestUser)
                && service is { IsKeyedService: true, ServiceKey: IRequestUser.InContext };
        }
        return !isWeb || findsUsers || options is { RecordsCommands: false, RecordsDenials: false, RecordsReads: false }
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                "The audit trail does not know the users of HTTP requests: call "
                    + "builder.Services.AddMillraceAuthorization() of the package Millrace.AspNetCore.");
    }
}
