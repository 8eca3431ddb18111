namespace Millrace.Cli.Commands;

/// <summary>Lists the audit trail, verifies the seals of a log, and proves that they cover an event.</summary>
internal static class AuditCommand
{
    public static ToolCommand Create()
    {
        var command = new ToolCommand("audit", "Lists the audit trail, and verifies the seals of the log.")
        {
            Examples =
            [
                ("audit verify --key public.pem --anchors anchors.jsonl", "Detects every change of a sealed event"),
                ("audit list --user ada --since 7d", "What a user did in the last 7 days"),
                ("audit prove 42", "A proof that a script can check"),
            ],
        };
        command.Subcommands.Add(AuditListCommand.Create());
        command.Subcommands.Add(AuditVerifyCommand.Create());
        command.Subcommands.Add(AuditProveCommand.Create());
        return command;
    }
}
