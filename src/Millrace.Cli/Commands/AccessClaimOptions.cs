using System.CommandLine;
using System.Security.Claims;

namespace Millrace.Cli.Commands;

/// <summary>The options for the claims of a user, which the store does not contain.</summary>
internal sealed class AccessClaimOptions
{
    private readonly Option<string[]> _roles = new("--role")
    {
        HelpName = "NAME",
        Description = "A role in the claims of the user; can be repeated.",
    };

    private readonly Option<string[]> _claims = new("--claim")
    {
        HelpName = "TYPE=VALUE",
        Description = "Another claim of the user; can be repeated.",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_roles);
        command.Options.Add(_claims);
    }

    /// <summary>Returns the roles for a running application, separated by commas; null for none.</summary>
    /// <exception cref="CliException">There are other claims, which the route does not take.</exception>
    public string? RolesForServer(ToolInvocation call)
    {
        if (call.Get(_claims) is { Length: > 0 })
            throw new CliException(ExitCode.Usage, "--claim is not valid with --server.");
        return call.Get(_roles) is { Length: > 0 } roles ? string.Join(',', roles) : null;
    }

    /// <exception cref="CliException">There are roles or claims: the token has those of the user.</exception>
    public void RefuseWithServer(ToolInvocation call)
    {
        if (RolesForServer(call) is not null)
            throw new CliException(ExitCode.Usage, "--role is not valid with --server: the token has the roles.");
    }

    public async Task<ClaimsPrincipal> UserOf(
        ToolInvocation call, AccessControl access, string id, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(id))
            throw new CliException(ExitCode.Usage, "The id of the user is empty.");
        return await access.UserOf(id, call.Get(_roles), (call.Get(_claims) ?? []).Select(Parse), cancellationToken);
    }

    private static KeyValuePair<string, string> Parse(string claim) =>
        claim.IndexOf('=', StringComparison.Ordinal) is var equals and > 0
            ? new(claim[..equals], claim[(equals + 1)..])
            : throw new CliException(ExitCode.Usage, $"--claim: '{claim}' is not TYPE=VALUE, such as tenant=acme.");
}
