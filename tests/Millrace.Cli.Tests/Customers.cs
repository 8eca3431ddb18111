namespace Millrace.Cli.Tests;

/// <summary>Adds a customer of the sample shop to a store.</summary>
internal static class Customers
{
    public const string Id = "0192f0c1-2345-7890-abcd-ef0123456789";
    public const string Stream = "customer-" + Id;

    private const string OccurredAt = "\"occurredAt\":\"2026-01-01T00:00:00Z\"";

    /// <summary>Registers the customer at position 2. Then user eve changes the email address at position 3.</summary>
    public static async Task RegisterCustomer(this Tool tool)
    {
        await tool.AppendNote();
        await tool.Append(
            Stream,
            "customer.registered",
            $$"""{"customer":"{{Id}}","username":"ada","email":"ada@example.org",{{OccurredAt}}}""");
        await tool.Append(
            Stream,
            "customer.email-changed",
            $$"""{"customer":"{{Id}}","oldEmail":"ada@example.org","newEmail":"ada@new.example.org",{{OccurredAt}}}""",
            "--user",
            "eve");
    }

    /// <summary>Adds customer number 12345 from France at position 1 and the country Norway at position 3.</summary>
    public static async Task AppendCustomerHistory(this Tool tool)
    {
        await tool.Append(
            Stream,
            "customer.taken-over",
            $$"""{"customer":"{{Id}}","number":"12345","country":"France",{{OccurredAt}}}""",
            "--tag",
            "number:12345");
        await tool.AppendNote();
        await tool.Append(
            Stream, "customer.country-added", $$"""{"customer":"{{Id}}","country":"Norway",{{OccurredAt}}}""");
    }

    /// <summary>Appends an event that belongs to no customer.</summary>
    private static Task<ToolRun> AppendNote(this Tool tool) => tool.Append("note-1", "note.taken", "{}");
}
