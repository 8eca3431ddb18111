namespace Millrace.Tests.Events;

/// <summary>Tests the checks and the proposals of event names.</summary>
public sealed class EventNamingTests
{
    [Theory]
    [InlineData("OrderPlaced")]
    [InlineData("OrderPlacedV2")]
    [InlineData("OrderItemQuantityChanged")]
    [InlineData("MoneySent")]
    [InlineData("OrderPaid")]
    [InlineData("OrderPaidInFull")]
    [InlineData("UserSignedIn")]
    [InlineData("CustomerTakenOver")]
    [InlineData("ItemAddedToCart")]
    [InlineData("EmailChangedByCustomer")]
    [InlineData("NotificationRead")]
    [InlineData("ProductAttributeSet")]
    [InlineData("HTTPEndpointRegistered")]
    [InlineData("GameBegun")]
    [InlineData("SecurityAlertRaised")]
    [InlineData("SuspiciousActivityDetected")]
    [InlineData("MaintenanceScheduled")]
    [InlineData("SystemErrorOccurred")]
    [InlineData("order.placed")]
    [InlineData("order.item-quantity-changed")]
    [InlineData("writing_goal.reached")]
    [InlineData("user.signed_in")]
    [InlineData("security.account_locked")]
    [InlineData("sales.order.shipped")]
    [InlineData("everything.happened")]
    [InlineData("demand.met")]
    [InlineData("stand.taken-down")]
    [InlineData("FeedRead")]
    [InlineData("SandAndGravelDelivered")]
    public void A_good_name_breaks_no_rule(string name)
    {
        var check = EventNaming.Check(name);

        Assert.Empty(check.Issues);
        Assert.True(check.IsValid);
        Assert.Empty(check.Suggestions);
    }

    [Theory]
    [InlineData("PlaceOrder", "OrderPlaced")]
    [InlineData("OrderCreate", "OrderCreated")]
    [InlineData("AddItemToOrder", "ItemAddedToOrder")]
    [InlineData("OrderShipping", "OrderShipped")]
    [InlineData("MoneySending", "MoneySent")]
    [InlineData("ParcelCarrying", "ParcelChanged", false)]
    [InlineData("ReservedStock", "StockReserved")]
    [InlineData("OrderCancellation", "OrderCancelled")]
    [InlineData("SubmitOrder", "OrderSubmitted")]
    [InlineData("PayInvoice", "InvoicePaid")]
    [InlineData("WriteOffDebt", "WrittenOffDebt", false)]
    [InlineData("CopyFile", "FileCopied", false)]
    [InlineData("ApplyDiscount", "DiscountApplied")]
    [InlineData("DelayShipment", "ShipmentDelayed")]
    [InlineData("StopMachine", "MachineStopped")]
    [InlineData("OpenAccount", "AccountOpened")]
    [InlineData("NewsFeed", "NewsFed", false)]
    [InlineData("ReadBook", "BookRead")]
    [InlineData("security.alert", "security.alert-raised")]
    [InlineData("security.suspicious_activity", "security.suspicious_activity_detected")]
    [InlineData("system.maintenance", "system.maintenance-scheduled")]
    [InlineData("system.error", "system.error-occurred")]
    [InlineData("order.create", "order.created")]
    [InlineData("order.place-order", "order.placed")]
    [InlineData("user.login", "user.logged-in")]
    [InlineData("account.transfer", "account.transferred")]
    public void A_name_that_is_not_in_the_past_tense_breaks_the_rule(
        string name, string suggestion, bool isExact = true)
    {
        var check = EventNaming.Check(name);

        Assert.Equal([EventNameRule.PastTense], check.Issues.Select(issue => issue.Rule));
        Assert.False(check.IsValid);
        Assert.All(check.Suggestions, other => Assert.True(EventNaming.Check(other).IsValid, other));
        if (isExact)
            Assert.Equal(suggestion, check.Suggestions[0]);
    }

    [Theory]
    [InlineData("OrderPlacedEvent", "OrderPlaced")]
    [InlineData("PaymentReceivedDto", "PaymentReceived")]
    [InlineData("PlaceOrderEvent", "OrderPlaced")]
    [InlineData("OrderShippedData", "OrderShipped")]
    [InlineData("OrderPaidRecord", "OrderPaid")]
    [InlineData("order.placed-event", "order.placed")]
    [InlineData("customer.row-moved", "customer.moved")]
    public void Technical_words_are_removed_from_suggested_names(string name, string suggestion)
    {
        var check = EventNaming.Check(name);

        Assert.Contains(EventNameRule.DomainLanguage, check.Issues.Select(issue => issue.Rule));
        Assert.Contains(suggestion, check.Suggestions);
    }

    [Theory]
    [InlineData("OrderCreated", "OrderPlaced")]
    [InlineData("user.created", "user.registered")]
    [InlineData("user.deleted", "user.deactivated")]
    [InlineData("ProductPriceUpdated", "ProductPriceChanged")]
    [InlineData("product.price-updated", "product.price-changed")]
    [InlineData("user.updated", "user.details-changed")]
    [InlineData("gadget.created", "gadget.introduced")]
    public void Created_updated_and_deleted_are_valid_with_better_suggestions(string name, string better)
    {
        var check = EventNaming.Check(name);

        Assert.True(check.IsValid);
        Assert.Contains(better, check.Suggestions);
    }

    [Theory]
    [InlineData("OrderPaidAndShipped", "OrderPaid", "OrderShipped")]
    [InlineData("OrderPaidAndStockReserved", "OrderPaid", "StockReserved")]
    [InlineData("order.paid-and-shipped", "order.paid", "order.shipped")]
    public void A_name_with_two_facts_is_split_into_two_events(string name, string first, string second)
    {
        var check = EventNaming.Check(name);

        Assert.Equal([EventNameRule.OneFact], check.Issues.Select(issue => issue.Rule));
        Assert.Equal([first, second], check.Suggestions);
    }

    [Theory]
    [InlineData("orders.shipped", "order.shipped")]
    [InlineData("order.item_removed", "order.item-removed")]
    [InlineData("order.canceled", "order.cancelled")]
    [InlineData("orderitem.returned", "order-item.returned")]
    public void A_name_follows_the_spelling_of_the_existing_names(string name, string suggestion)
    {
        var check = EventNaming.Check(
            name,
            "order.placed",
            "order.paid",
            "order.item-added",
            "order-item.lost",
            "order-item.found",
            "invoice.cancelled",
            "OrderPlaced");

        Assert.Equal([EventNameRule.Consistency], check.Issues.Select(issue => issue.Rule));
        Assert.Equal([suggestion], check.Suggestions);
    }

    [Theory]
    [InlineData("order-placed", "order.placed")]
    [InlineData("order_item_added", "order.item_added")]
    public void A_stored_name_has_a_dot(string name, string suggestion)
    {
        var check = EventNaming.Check(name);

        Assert.Equal([EventNameRule.Form], check.Issues.Select(issue => issue.Rule));
        Assert.Equal([suggestion], check.Suggestions);
    }

    [Fact]
    public void Exactly_four_event_names_of_the_reading_platform_are_invalid()
    {
        string[] names =
        [
            "user.registered", "user.signed_in", "user.profile_changed", "user.password_changed", "user.deactivated",
            "reading.started", "reading.progressed", "reading.finished", "bookmark.added", "bookmark.removed",
            "work.created", "work.retitled", "work.completed", "chapter.drafted", "chapter.revised",
            "chapter.submitted", "chapter.withdrawn", "chapter.deleted", "writing_goal.reached", "like.added",
            "like.removed", "comment.created", "comment.updated", "comment.deleted", "comment.replied",
            "collection.added", "collection.removed", "follow.added", "follow.removed", "book.purchased",
            "chapter.purchased", "refund.requested", "refund.approved", "refund.rejected", "subscription.created",
            "subscription.renewed", "subscription.expired", "subscription.cancelled", "reward.created",
            "reward.received", "vip.purchased", "vip.activated", "vip.expired", "deposit.created", "deposit.completed",
            "deposit.failed", "withdrawal.created", "withdrawal.approved", "withdrawal.rejected",
            "withdrawal.completed", "settlement.generated", "settlement.paid", "revenue.earned", "revenue.settled",
            "notification.created", "notification.sent", "notification.read", "notification.deleted", "config.changed",
            "permission.changed", "role.changed", "review.submitted", "review.approved", "review.rejected",
            "content.published", "content.unpublished", "security.alert", "security.suspicious_activity",
            "security.account_locked", "system.maintenance", "system.error",
        ];

        var invalidNames = names.Where(name => !EventNaming.Check(name, names).IsValid);

        Assert.Equal(71, names.Length);
        Assert.Equal(
            ["security.alert", "security.suspicious_activity", "system.maintenance", "system.error"], invalidNames);
    }

    [Fact]
    public void Proposals_list_domain_names_before_data_names()
    {
        var proposals = EventNaming.Propose("Order");

        Assert.Equal(
            new EventNameProposal(
                "OrderPlaced", "order.placed", "The order was placed.", PastTense: true, DomainLanguage: true),
            proposals[0]);
        Assert.Equal(
            new EventNameProposal(
                "OrderDeleted", "order.deleted", "The order was deleted.", PastTense: true, DomainLanguage: false),
            proposals[^1]);
        Assert.Equal(
            ["order.created", "order.updated", "order.deleted"],
            proposals.Where(proposal => !proposal.DomainLanguage).Select(proposal => proposal.StoredName));
    }

    [Theory]
    [InlineData("Order")]
    [InlineData("shopping carts")]
    [InlineData("Gadget")]
    [InlineData("InventoryItem")]
    public void Each_proposal_is_valid(string entity) => Assert.All(EventNaming.Propose(entity), proposal =>
    {
        Assert.True(EventNaming.Check(proposal.Name).IsValid, proposal.Name);
        Assert.True(EventNaming.Check(proposal.StoredName).IsValid, proposal.StoredName);
        Assert.True(proposal.PastTense);
    });

    [Fact]
    public void A_name_without_letters_is_refused()
    {
        Assert.Throws<ArgumentException>(() => EventNaming.Check(" "));
        Assert.Throws<ArgumentException>(() => EventNaming.Propose("?"));
    }

    [Theory]
    [InlineData("...")]
    [InlineData("a")]
    [InlineData("And")]
    [InlineData("AndOr")]
    [InlineData("Event")]
    [InlineData("42")]
    [InlineData("ing")]
    [InlineData("_")]
    [InlineData("日本語")]
    public void Any_name_can_be_checked(string name) => Assert.NotNull(EventNaming.Check(name, name));
}
