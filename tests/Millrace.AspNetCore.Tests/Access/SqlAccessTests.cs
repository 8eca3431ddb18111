using System.Net;

namespace Millrace.AspNetCore.Tests.Access;

/// <summary>Tests that SQL shows only what its caller may otherwise read.</summary>
public sealed class SqlAccessTests
{
    [Theory]
    [InlineData("chief", 403)]
    [InlineData("chief,streams", 403)]
    [InlineData("chief,streams,limited", 403)]
    [InlineData("chief,streams,viewer", 200)]
    [InlineData("chief,streams,limited,viewer", 200)]
    [InlineData("streams,viewer,asker-of-sql", 403)]
    [InlineData("streams,viewer", 403)]
    public async Task A_statement_needs_the_permissions_for_all_that_it_can_show(string roles, int status)
    {
        await using var app = await GuardedLibrary.Start(configure: static millrace => millrace
            .UseSql()
            .AddAccessControl(static access => access
                .Role("streams", static role => role.May("read *"))
                .Role("limited", static role => role.May("view * without loans"))
                .Role("viewer", static role => role.May("view *"))
                .Role("asker-of-sql", static role => role.MayOperate(OperatorActions.Sql))));

        var response = await app.Send(
            "ada:" + roles, HttpMethod.Post, "/millrace/sql", new { statement = "SELECT count(*) FROM events" });

        Assert.Equal((HttpStatusCode)status, response.StatusCode);
    }
}
