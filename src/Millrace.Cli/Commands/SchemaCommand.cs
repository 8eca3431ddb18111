using System.CommandLine;
using Millrace.PostgreSql;

namespace Millrace.Cli.Commands;

/// <summary>Writes the SQL schema of a database. Subcommands compare event shapes of a build and of a store.</summary>
internal static class SchemaCommand
{
    private static readonly Option<string?> Role = new("--role")
    {
        HelpName = "NAME",
        Description =
            "The role of the applications. It is granted the required privileges. Default: the owner.",
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
        -- In one transaction, under the log's lock. Appends wait for it, so it is canceled after a short time.
        -- After the error "canceling statement due to lock timeout", nothing was changed: run it again.
        """;

    private const string Outside = """
        -- Outside a transaction, one statement at a time: builds indexes that an older log lacks while it is in use.
        -- If a statement fails, run all of them again: its remains are removed.
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
            "Writes the SQL for a store in PostgreSQL. Subcommands work with the event types of a build.")
        {
            Examples =
            [
                ("schema --role shop | psql shop", "Creates or upgrades the tables, run as their owner"),
                ("schema list --build out/Shop.dll", "The event types of a build"),
                ("schema check --build out/Shop.dll", "Checks that a build can read all stored events"),
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
