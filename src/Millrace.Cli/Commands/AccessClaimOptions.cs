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
