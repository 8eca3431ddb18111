namespace Commerce.Mailing;

/// <summary>
/// Hands a mail on once, as far as this program knows: a step whose commit lost a race runs again, and its mail is on
/// its way already. What a crash has it forget goes out again with the same Message-ID.
/// </summary>
public sealed class DeduplicatingMailer(IMailer mailer) : IMailer
{
    /// <summary>The most that it remembers; a step runs again within moments.</summary>
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
