namespace Millrace.PostgreSql.Tests;

/// <summary>Tests of the text that identifies a log.</summary>
public sealed class IdentityTests : StoreTests
{
    [PostgreSqlFact]
    public async Task A_log_has_one_identity_and_the_log_of_another_schema_another_one()
    {
        await using var first = await TestData.Open(Database);
        await using var second = await TestData.Open(Database);
        await using var other = await TestData.Open(
            Database, options => (options.LogSchema, options.DocumentSchema) = ("identity", "identity_documents"));

        var identity = await first.Maintenance.GetIdentity(default);

        Assert.NotNull(identity);
        Assert.Equal(identity, await second.Maintenance.GetIdentity(default));
        Assert.NotEqual(identity, await other.Maintenance.GetIdentity(default));
        await second.Maintenance.StartEpoch(default);
        Assert.NotEqual(identity, await first.Maintenance.GetIdentity(default));
        await (await TestServer.Server)
            .Execute("DROP SCHEMA identity CASCADE; DROP SCHEMA identity_documents CASCADE", Database);
    }
}
