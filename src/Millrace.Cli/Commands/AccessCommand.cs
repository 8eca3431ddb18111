using System.CommandLine;
using System.Globalization;
using Millrace.Cli.Output;
using Millrace.Cli.Servers;

namespace Millrace.Cli.Commands;

/// <summary>Shows and explains access rules, and grants and revokes rights.</summary>
internal static class AccessCommand
{
    public static Command Create()
    {
        var command = new ToolCommand(
            "access", "Shows roles and granted rights, explains decisions about access, and grants and revokes rights.")
        {
            Examples =
            [
                ("access", "All roles and granted rights"),
                ("access explain alice send place-order", "Whether alice may send the command, and why"),
                ("access list --server https://shop.example --token-file token.txt", "From a running application"),
                ("access grant user:alice role clerk --reason \"vacation cover\"", "With the rights of the caller"),
            ],
        };
        command.Subcommands.Add(List());
        command.Subcommands.Add(Explain());
        command.Subcommands.Add(AccessDecisions.Grant());
        command.Subcommands.Add(AccessDecisions.Revoke());
        return command.SetServerHandler(
            new ServerOptions(),
            static async (call, server, cancellationToken) =>
                Show(call, ServerAccess.SnapshotOf(await server.Get("/access", cancellationToken))),
            static (call, open, cancellationToken) => Show(call, open, null, cancellationToken));
    }

    private static Option<string?> At() => new("--at")
    {
        HelpName = "POSITION",
        Description = "A position of the log; by default its end.",
    };

    private static ToolCommand List()
    {
        var at = At();
        var command = new ToolCommand("list", "Lists roles and granted rights.")
        {
            Examples =
            [
                ("access list --json", "For programs"),
                ("access list --at 1042", "The roles and rights at an earlier position"),
            ],
        };
        command.Options.Add(at);
        return command.SetServerHandler(
            new ServerOptions(),
            async (call, server, cancellationToken) =>
            {
                var path = ServerClient.WithQuery("/access", ("at", TextOf(PositionOf(call, at))));
                return Show(call, ServerAccess.SnapshotOf(await server.Get(path, cancellationToken)));
            },
            (call, open, cancellationToken) => Show(call, open, PositionOf(call, at), cancellationToken));
    }

    private static ToolCommand Explain()
    {
        var user = new Argument<string>("user") { Description = "The id of the user." };
        var action = new Argument<string>("action")
        {
            Description = "send, ask, read, view, enter, operate or grant.",
        };
        var resource = new Argument<string[]>("resource")
        {
            Description = "The name of the command, query, category of streams, read model, tenant or operator action.",
            Arity = ArgumentArity.OneOrMore,
        };
        var claims = new AccessClaimOptions();
        var at = At();
        var command = new ToolCommand("explain", "Explains whether a user has a permission, and why.")
        {
            Examples =
            [
                ("access explain alice send place-order", "With the granted rights of alice"),
                ("access explain alice view customer.email --role clerk", "With a role from the claims of alice"),
                ("access explain alice read order --at 1042", "By the rules at an earlier position"),
            ],
        };
        command.Arguments.Add(user);
        command.Arguments.Add(action);
        command.Arguments.Add(resource);
        claims.AddTo(command);
        command.Options.Add(at);
        return command.SetServerHandler(
            new ServerOptions(),
            async (call, server, cancellationToken) =>
            {
                var path = ServerClient.WithQuery(
                    "/access/explain",
                    ("user", call.Get(user)),
                    ("roles", claims.RolesForServer(call)),
                    ("permission", PermissionOf(call).ToString()),
                    ("at", TextOf(PositionOf(call, at))));
                var found = ServerAccess.ExplanationOf(await server.Get(path, cancellationToken));
                return Show(call, call.Get(user), found);
            },
            async (call, open, cancellationToken) =>
            {
                var access = AccessControl.Of(open.Store);
                var principal = await claims.UserOf(call, access, call.Get(user), cancellationToken);
                var found = await access.Explain(
                    principal, PermissionOf(call), PositionOf(call, at), cancellationToken);
                return Show(call, call.Get(user), found);
            });

        AccessPermission PermissionOf(ToolInvocation call) =>
            AccessPermission.Parse($"{call.Get(action)} {string.Join(' ', call.Get(resource))}");
    }

    private static async Task<ExitCode> Show(
        ToolInvocation call, OpenStore open, long? at, CancellationToken cancellationToken) =>
        Show(call, await AccessControl.Of(open.Store).List(at, cancellationToken));

    private static ExitCode Show(ToolInvocation call, string user, AccessExplanation found)
    {
        if (call.IsJson)
            JsonOutput.Object(call, writer => AccessText.WriteMembers(writer, found));
        else
            AccessText.Write(call, user, found);
        return ExitCode.Done;
    }

    private static ExitCode Show(ToolInvocation call, AccessSnapshot found)
    {
        if (call.IsJson)
            JsonOutput.Object(call, writer => AccessText.WriteMembers(writer, found));
        else
            AccessText.Write(call, found);
        return ExitCode.Done;
    }

    private static string? TextOf(long? position) => position?.ToString(CultureInfo.InvariantCulture);

    private static long? PositionOf(ToolInvocation call, Option<string?> at) =>
        call.Get(at) is not { } text ? null
        : LogPositionParser.TryParse(text, out var position) && position >= 0 ? position
        : throw new CliException(ExitCode.Usage, $"--at: '{text}' is not a position of the log, such as 1042.");
}
