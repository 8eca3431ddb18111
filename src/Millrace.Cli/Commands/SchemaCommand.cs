using System.CommandLine;
using Millrace.PostgreSql;

namespace Millrace.Cli.Commands;

/// <summary>The schema of a database, and the shapes of events: those that a build knows, and those that are
/// stored.</summary>
internal static class SchemaCommand
{
    private static readonly Option<string?> Role = new("--role")
    {
        HelpName = "NAME",
        Description =
            "The role that applications connect as: it is granted what they need. Default: they connect as the owner.",
    };

    private static readonly Option<string?> LogSchema = new("--log-schema")
    {
        HelpName = "NAME",
        Description = $"The schema of the log. Default: {Defaults.LogSchema}.",
    };

    private static readonly Option<string?> DocumentSchema = new("--document-schema")
    {
        HelpName = "NAME",
        Description = $"The schema of the documents. Default: {Defaults.DocumentSchema}.",
    };

    private const string InTransaction = """
        -- In one transaction, under the log's lock: appends wait for it, and it gives up rather than let them wait for long.
        -- Where it says "canceling statement due to lock timeout", nothing was done: run it again.
        """;

    private const string Outside = """
        -- Outside a transaction, each by itself: indexes that a log of an older version lacks are built while it is used.
        -- Where one fails, run all again: what it left is removed.
        """;

    private static PostgreSqlOptions Defaults => new();

    private static string Script(PostgreSqlOptions names, string? role)
    {
        try
        {
            var indexes = string.Join(";\n", PostgreSqlSchema.IndexStatements(names)) + ";\n";
            return $"{InTransaction}\n{PostgreSqlSchema.Script(names, role)}\n{Outside}\n{indexes}";
        }
        catch (ArgumentException problem)
        {
            throw new CliException(ExitCode.Usage, problem.Message, "Choose other names.");
        }
    }

    public static Command Create()
    {
        var command = new ToolCommand(
            "schema",
            "Writes the SQL that makes a store in PostgreSQL; below it, the shapes of events that a build knows.")
        {
            Examples =
            [
                ("schema --role shop | psql shop", "Makes the tables, or brings them up to date, as their owner"),
                ("schema list --build out/Shop.dll", "What this build writes and reads"),
                ("schema check --build out/Shop.dll", "Whether it reads all that is stored"),
            ],
        };
        command.Subcommands.Add(SchemaListCommand.Create());
        command.Subcommands.Add(SchemaCheckCommand.Create());
        command.Subcommands.Add(SchemaAcceptCommand.Create());
        command.Subcommands.Add(SchemaForgetCommand.Create());
        command.Options.Add(Role);
        command.Options.Add(LogSchema);
        command.Options.Add(DocumentSchema);
        return command.SetHandler((call, _) =>
        {
            var names = new PostgreSqlOptions
            {
                LogSchema = call.Get(LogSchema) ?? Defaults.LogSchema,
                DocumentSchema = call.Get(DocumentSchema) ?? Defaults.DocumentSchema,
            };
            var sql = Script(names, call.Get(Role));
            call.Text.Write(sql);
            return Task.FromResult(ExitCode.Done);
        });
    }
}
