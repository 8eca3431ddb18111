using System.Diagnostics.CodeAnalysis;
using Commerce.Customers;
using Commerce.Mailing;
using Commerce.Orders;

namespace Commerce.Fulfilments;

/// <summary>
/// The fulfilment steps that send mail to the customer. The id of a mail is the id of its command, so repeated sends
/// are the same mail.
/// </summary>
public static class MailStepHandlers
{
    public static Task Handle(
        MailConfirmation command, IMailer mailer, CommandContext context, CancellationToken cancellationToken) =>
        SendMail(
            command.Fulfilment,
            mailer,
            context,
            order =>
                (
                    $"Your order {order.Id.ToNumber()} is on its way",
                    $"Thank you for your order. {order.Items.Count} lines, {order.Due} in all. It is with the carrier."
                ),
            cancellationToken);

    public static Task Handle(
        MailArrival command, IMailer mailer, CommandContext context, CancellationToken cancellationToken) =>
        SendMail(
            command.Fulfilment,
            mailer,
            context,
            order =>
                (
                    $"Your order {order.Id.ToNumber()} has arrived",
                    "The carrier says that your order was handed over. We hope that you like it."),
            cancellationToken);

    [SuppressMessage(
        "Millrace",
        "MILL0235",
        Justification = "A running program sends a mail once. After a crash, the mail keeps its id.")]
    private static async Task SendMail(
        FulfilmentId fulfilment,
        IMailer mailer,
        CommandContext context,
        Func<Order, (string Subject, string Text)> compose,
        CancellationToken cancellationToken)
    {
        var order = await context.OrderOf(fulfilment, cancellationToken);
        var customer = await context.Load<Customer, CustomerId>(order.Customer, cancellationToken);
        if (customer.Email is not { } address)
            return;
        var (subject, text) = compose(order);
        var letter = $"Dear {customer.Name},\n\n{text}\n\nThe mill shop\n";
        await mailer.Send(new Mail(context.CommandId, address, subject, letter), cancellationToken);
    }
}
