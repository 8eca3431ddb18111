namespace Commerce.Mailing;

/// <summary>
/// Sends each mail once within this process. A step whose commit lost a conflict runs again after its mail was sent.
/// After a crash, a mail may be sent again with the same Message-ID.
/// </summary>
public sealed class DeduplicatingMailer(IMailer mailer) : IMailer
{
    /// <summary>The maximum number of remembered mails. A step runs again within moments.</summary>
    private const int MaxRemembered = 10_000;

    private readonly Lock _lock = new();
    private readonly HashSet<Guid> _sent = [];
    private readonly Queue<Guid> _order = new();

    public async Task Send(Mail mail, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_sent.Contains(mail.Id))
                return;
        }
        await mailer.Send(mail, cancellationToken);
        lock (_lock)
        {
            if (!_sent.Add(mail.Id))
                return;
            _order.Enqueue(mail.Id);
            if (_order.Count > MaxRemembered)
                _sent.Remove(_order.Dequeue());
        }
    }
}
