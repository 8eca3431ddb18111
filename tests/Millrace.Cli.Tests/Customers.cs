namespace Millrace.Cli.Tests;

/// <summary>A customer of the sample shop, and the shop's build that knows what customers are.</summary>
internal static class Customers
{
    public const string Id = "0192f0c1-2345-7890-abcd-ef0123456789";
    public const string Stream = "customer-" + Id;

    private const string At = "\"occurredAt\":\"2026-01-01T00:00:00Z\"";

    /// <summary>Has her registered at position 2, and then changed to another address by eve.</summary>
    public static async Task RegisterCustomer(this Tool tool)
    {
        await tool.AppendNote();
        await tool.Append(
            Stream,
                "customer.registered", $$"""{"customer":"{{Id}}","username":"ada","email":"ada@example.org",{{At}}}""");
        await tool.Append(
            Stream,
            "customer.email-changed",
            $$"""{"customer":"{{Id}}","oldEmail":"ada@example.org","newEmail":"ada@new.example.org",{{At}}}""",
            "--user",
            "eve");
    }

    /// <summary>Has number 12345 taken over at position 1 from France, and told at position 3 to
    /// be from Norway too.</summary>
    public static async Task TakeOverCustomer(this Tool tool)
    {
        await tool.Append(
            Stream,
            "customer.taken-over",
            $$"""{"customer":"{{Id}}","number":"12345","country":"France",{{At}}}""",
            "--tag",
            "number:12345");
        await tool.AppendNote();
        await tool.Append(Stream, "customer.country-added", $$"""{"customer":"{{Id}}","country":"Norway",{{At}}}""");
    }

    /// <summary>An event of no customer.</summary>
    private static Task<ToolRun> AppendNote(this Tool tool) => tool.Append("note-1", "note.taken", "{}");
}
