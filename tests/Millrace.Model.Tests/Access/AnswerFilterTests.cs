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
    public async Task Answers_that_can_hide_a_document_are_denied_unless_everything_may_be_viewed()
    {
        await using var host = await Start();

        await Assert.ThrowsAsync<AccessDeniedException>(() => Ask(host, new ShowAnything(false), "clerk"));
        await Assert.ThrowsAsync<AccessDeniedException>(() => Ask(host, new ShowEnvelope(), "clerk"));
        await Assert.ThrowsAsync<AccessDeniedException>(() => Ask(host, new ShowEnvelope()));

        Assert.Equal("text", (await Ask(host, new ShowAnything(true), "clerk")).Value.ToString());
        Assert.Equal(CustomerList.Ada, (await Ask(host, new ShowAnything(false), "auditor")).Value);
        Assert.Equal(CustomerList.Ada, (await Ask(host, new ShowEnvelope(), "auditor")).Inside);
    }

    [Fact]
    public async Task A_subclass_of_a_document_has_the_limits_of_the_document()
    {
        await using var host = await Start();

        var vip = await Ask(host, new ShowVip(), "clerk");

        Assert.Equal((null, "***", 0m, "butler"), (vip.Email, vip.Phone, vip.CreditLimit, vip.Service));
        await Assert.ThrowsAsync<AccessDeniedException>(() => Ask(host, new ShowVip()));
    }

    [Theory]
    [InlineData("clerk", "login", null)]
    [InlineData("clerk", "email", "view customer.email")]
    [InlineData("clerk", "phone", "view customer.phone")]
    [InlineData("manager", "email", null)]
    [InlineData("customer", "email", null)]
    [InlineData("guest", "login", "view customer")]
    public async Task Documents_are_selected_only_by_members_that_the_user_may_see(
        string role, string member, string? missing)
    {
        await using var host = await Start();
        var access = host.Services.GetRequiredService<AccessControl>();

        var denied = await Record.ExceptionAsync(() => access.DemandMembers(
            AccessUsers.User("carl", role), typeof(Customer), [member]).AsTask());

        Assert.Equal(missing, (denied as AccessDeniedException)?.Permission);
        Assert.Equal(missing is null, denied is null);
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
            .Role("authenticated", role => role.May("ask *"))
            .Role("auditor", role => role.May("view *"))
            .Role("clerk", role => role.MayView<Customer>(
                without: [nameof(Customer.Email)],
                masking: [nameof(Customer.Phone), nameof(Customer.CreditLimit)]))
            .Role("manager", role => role.MayView<Customer>())
            .Role("customer", role => role.MayView<Customer>(ownedBy: nameof(Customer.Login)))));
}
