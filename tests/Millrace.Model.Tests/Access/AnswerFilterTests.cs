using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.Model.Tests.Access;

public sealed class AnswerFilterTests
{
    [Fact]
    public async Task Members_are_left_out_and_masked_wherever_the_document_is()
    {
        await using var host = await Start();

        var answer = await Ask(host, new ListCustomers(), "clerk");

        Assert.Equal("ada", answer.Items[0].Login);
        Assert.Equal((null, "***", 0m), (answer.Items[0].Email, answer.Items[0].Phone, answer.Items[0].CreditLimit));
        Assert.Equal(answer.Items[0], answer.ByName["first"]);
        Assert.Equal("ada@example.com", answer.Note); // The note is not part of the document.
    }

    [Fact]
    public async Task Another_role_gives_what_the_first_does_not()
    {
        await using var host = await Start();

        var answer = await Ask(host, new FindCustomer(CustomerList.Ada.Id), "clerk", "manager");

        Assert.Equal(CustomerList.Ada, answer);
    }

    [Fact]
    public async Task As_JSON_a_member_that_is_left_out_is_absent()
    {
        await using var host = await Start();
        var query = host.Services.GetRequiredService<ModelCatalog>().FindQuery("find-customer")!;

        var answer = await query.Ask(
            host.Queries,
            new FindCustomer(CustomerList.Ada.Id),
            new AskOptions { User = AccessUsers.User("carl", "clerk") },
            CancellationToken.None);
        var system = await query.Ask(
            host.Queries, new FindCustomer(CustomerList.Ada.Id), null, CancellationToken.None);

        Assert.Equal(
            """{"id":"0198c0de-0000-7000-8000-000000000001","login":"ada","phone":"***"}""",
            Assert.IsAssignableFrom<JsonNode>(answer.Value).ToJsonString());
        Assert.Equal(CustomerList.Ada, system.Value);
    }

    [Fact]
    public async Task A_query_does_not_replace_the_permission_to_view_the_documents()
    {
        await using var host = await Start();

        var denied = await Assert.ThrowsAsync<AccessDeniedException>(() => Ask(host, new ListCustomers(), "guest"));

        Assert.Equal(("view customer", true), (denied.Permission, denied.IsAuthenticated));
    }

    [Fact]
    public async Task An_owner_views_only_the_own_document()
    {
        await using var host = await Start();

        var own = await host.Queries.Ask(
            new FindCustomer(CustomerList.Ada.Id), new AskOptions { User = AccessUsers.User("ada", "customer") });

        Assert.Equal(CustomerList.Ada, own.Value);
        await Assert.ThrowsAsync<AccessDeniedException>(async () => await host.Queries.Ask(
            new FindCustomer(CustomerList.Ada.Id), new AskOptions { User = AccessUsers.User("eve", "customer") }));
    }

    [Fact]
    public async Task Without_a_user_the_answer_is_complete()
    {
        await using var host = await Start();

        Assert.Equal(CustomerList.Ada, (await host.Queries.Ask(new FindCustomer(CustomerList.Ada.Id))).Value);
    }

    private static async Task<TResult> Ask<TResult>(BankHost host, IQuery<TResult> query, params string[] roles) =>
        (await host.Queries.Ask(query, new AskOptions { User = AccessUsers.User("carl", roles) })).Value;

    private static Task<BankHost> Start() => BankHost.Start(millrace => millrace
        .AddModel<CustomerList>()
        .AddAccessControl(access => access
            .Role("authenticated", role => role.MayAsk<FindCustomer>().MayAsk<ListCustomers>())
            .Role("clerk", role => role.MayView<Customer>(
                without: [nameof(Customer.Email)],
                masking: [nameof(Customer.Phone), nameof(Customer.CreditLimit)]))
            .Role("manager", role => role.MayView<Customer>())
            .Role("customer", role => role.MayView<Customer>(ownedBy: nameof(Customer.Login)))));
}
