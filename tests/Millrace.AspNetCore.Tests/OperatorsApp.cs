using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Millrace.AspNetCore.Tests;

/// <summary>
/// The library application with the routes for operators. A header names the user, and only ada is an operator.
/// </summary>
public static class OperatorsApp
{
    public static async Task<LibraryApp> Start(
        bool allowDecisions = true,
        Action<MillraceBuilder>? millrace = null,
        string? user = "ada",
        Action<WebApplication>? map = null)
    {
        var app = await LibraryApp.Start(
            builder =>
            {
                builder
                    .Services.AddAuthentication("header")
                    .AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>("header", null);
                builder
                    .Services.AddAuthorizationBuilder()
                    .AddPolicy("operators", policy => policy.RequireUserName("ada"));
                builder.Services.AddMillraceAuthorization();
                if (millrace is not null)
                    builder.Services.AddMillrace(millrace);
            },
            web =>
            {
                web.UseAuthentication();
                web.UseAuthorization();
                web.MapMillrace(options =>
                    (options.OperatorPolicy, options.AllowDecisions) = ("operators", allowDecisions));
                map?.Invoke(web);
            },
            mapsHealth: false);
        if (user is not null)
            app.Client.DefaultRequestHeaders.Add("X-User", user);
        return app;
    }

    /// <summary>Authenticates the caller by a header, which only a test may do.</summary>
    private sealed class HeaderAuthentication(
        IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers["X-User"].FirstOrDefault() is not { } name)
                return Task.FromResult(AuthenticateResult.NoResult());
            var user = new ClaimsPrincipal(
                new ClaimsIdentity([new System.Security.Claims.Claim(ClaimTypes.Name, name)], Scheme.Name));
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(user, Scheme.Name)));
        }
    }
}
