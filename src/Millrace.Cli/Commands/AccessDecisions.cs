using System.CommandLine;
using System.Text.Json.Nodes;
using Millrace.Cli.Output;
using Millrace.Cli.Servers;

namespace Millrace.Cli.Commands;

/// <summary>Grants and revokes rights.</summary>
internal static class AccessDecisions
{
    public static ToolCommand Grant() => Change(
        "grant",
        "Grants a right to a user or a role.",
        "was granted to",
        "/access/grants",
        static (access, to, right, author, cancel) => access.Grant(to, right, author, cancel),
        [
            (
                "access grant user:alice role clerk --by mary --reason \"vacation cover\"",
                "mary needs the permission to grant the role, and the role"),
            (
                "access grant role:clerk view customer without email --system --reason \"new task\"",
                "With the rights of the system, for example for the first grant"),
        ]);

    public static ToolCommand Revoke() => Change(
        "revoke",
        "Revokes a granted right. It has no effect on any node within a moment.",
        "was revoked from",
        "/access/revocations",
        static (access, to, right, author, cancel) => access.Revoke(to, right, author, cancel),
        [("access revoke user:alice role clerk --by mary --reason \"back again\"", "The same rights are needed")]);

    private static ToolCommand Change(
        string verb,
        string description,
        string outcome,
        string path,
        Func<AccessControl, AccessGrantee, string, AccessAuthor, CancellationToken, Task<AccessGrant>> change,
        IReadOnlyList<(string, string)> examples)
    {
        var to = new Argument<string>("holder") { Description = "The user or role: user:NAME or role:NAME." };
        var right = new Argument<string[]>("right")
        {
            Description = "The right, such as role clerk, or send place-order.",
            Arity = ArgumentArity.OneOrMore,
        };
        var system = new Option<bool>("--system")
        {
            Description = "Uses the rights of the system instead of those of the user. This is recorded.",
        };
        var (claims, note) = (new AccessClaimOptions(), new DecisionOptions());
        var command = new ToolCommand(verb, description) { Examples = examples };
        command.Arguments.Add(to);
        command.Arguments.Add(right);
        command.Options.Add(system);
        claims.AddTo(command);
        note.AddTo(command);
        return command.SetServerHandler(
            new ServerOptions(),
            async (call, server, cancellationToken) =>
            {
                claims.RefuseWithServer(call);
                note.RefuseByWithServer(call);
                if (call.Get(system))
                    throw new CliException(ExitCode.Usage, "--system is not valid with --server.");
                var body = new JsonObject
                {
                    ["to"] = HolderOf(call, to).ToString(),
                    ["right"] = string.Join(' ', call.Get(right)),
                    ["reason"] = note.RequiredReason(call),
                };
                var changed = ServerAccess.GrantOf(await server.Post(path, body, cancellationToken));
                return Write(call, changed, outcome);
            },
            async (call, open, cancellationToken) =>
            {
                var holder = HolderOf(call, to);
                var reason = note.RequiredReason(call);
                var access = AccessControl.Of(open.Store);
                var user = call.Get(system)
                    ? null
                    : await claims.UserOf(call, access, note.By(call), cancellationToken);
                var author = new AccessAuthor(user, reason) { Name = note.By(call) };
                var changed = await change(
                    access, holder, string.Join(' ', call.Get(right)), author, cancellationToken);
                return Write(call, changed, outcome);
            });
    }

    private static ExitCode Write(ToolInvocation call, AccessGrant changed, string outcome)
    {
        if (call.IsJson)
            JsonOutput.Object(call, writer => AccessText.WriteMembers(writer, changed));
        else
            call.Line($"The right '{changed.Right}' {outcome} {changed.To}.");
        return ExitCode.Done;
    }

    private static AccessGrantee HolderOf(ToolInvocation call, Argument<string> to) =>
        AccessGrantee.TryParse(call.Get(to), out var holder)
            ? holder
            : throw new CliException(
                ExitCode.Usage, $"'{call.Get(to)}' is not a user or a role: write user:NAME or role:NAME.");
}
