using System.CommandLine;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Grants and revokes rights.</summary>
internal static class AccessDecisions
{
    public static ToolCommand Grant() => Change(
        "grant",
        "Grants a right to a user or a role.",
        "was granted to",
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
        static (access, to, right, author, cancel) => access.Revoke(to, right, author, cancel),
        [("access revoke user:alice role clerk --by mary --reason \"back again\"", "The same rights are needed")]);

    private static ToolCommand Change(
        string verb,
        string description,
        string outcome,
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
        return command.SetStoreHandler(async (call, open, cancellationToken) =>
        {
            if (!AccessGrantee.TryParse(call.Get(to), out var holder))
                throw new CliException(
                    ExitCode.Usage, $"'{call.Get(to)}' is not a user or a role: write user:NAME or role:NAME.");
            if (string.IsNullOrWhiteSpace(note.Reason(call)))
                throw new CliException(ExitCode.Usage, "--reason is missing. It is recorded with the change.");
            var access = AccessControl.Of(open.Store);
            var user = call.Get(system)
                ? null
                : await claims.UserOf(call, access, note.By(call), cancellationToken);
            var author = new AccessAuthor(user, note.Reason(call)!) { Name = note.By(call) }; // Not null: checked.
            var changed = await change(
                access, holder, string.Join(' ', call.Get(right)), author, cancellationToken);
            if (call.IsJson)
                JsonOutput.Object(call, writer => AccessText.WriteMembers(writer, changed));
            else
                call.Line($"The right '{changed.Right}' {outcome} {changed.To}.");
            return ExitCode.Done;
        });
    }
}
