"""Workspaces, users, teams and memberships: fields and constraints."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from luister.accounts.enums import PERMISSIONS, Permission, Role, Theme


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address, as Django's own commands expect."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Store a user; without a password they can only enter by a sign-in link."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a user by e-mail address, whatever its capitals."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """A person who can sign in; what they may do is in their memberships."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100)
    signature = models.CharField(max_length=30, blank=True)  # what stands behind the caret: ^Pim
    language = models.CharField(max_length=5, choices=settings.LANGUAGES, default="nl")
    theme = models.CharField(max_length=10, choices=Theme, default=Theme.SYSTEM)
    single_keys = models.BooleanField(default=True)  # WCAG 2.1.4: single-letter shortcuts can be switched off
    keys = models.JSONField(default=dict, blank=True)  # action → key, where the user changed one
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        db_table = "accounts_user"

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def caret_signature(self) -> str:
        """How public replies are signed where the channel asks for it."""
        return f"^{self.signature or (self.name.split() or [''])[0]}"


class Workspace(models.Model):
    """One organisation or brand that is served, and the wall between tenants."""

    slug = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=100)
    time_zone = models.CharField(max_length=50, default="Europe/Amsterdam")
    language = models.CharField(max_length=5, choices=settings.LANGUAGES, default="nl")
    is_demo = models.BooleanField(default=False)
    sending_stopped_at = models.DateTimeField(null=True, blank=True)  # kill switch: nothing is claimed while set
    # Since a backup was restored, or somebody said so: nothing leaves before an administrator confirms that it may.
    outbound_locked_at = models.DateTimeField(null=True, blank=True)
    restored_from_at = models.DateTimeField(null=True, blank=True)  # while locked: when the backup was made
    next_case_number = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "accounts_workspace"

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> str:
        """The address of its inbox."""
        return f"/w/{self.slug}/"


class Team(models.Model):
    """People who share work within a workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)

    class Meta:
        db_table = "accounts_team"
        constraints = [models.UniqueConstraint("workspace", Lower("name"), name="accounts_team_name_once")]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A user in a workspace, with a role; the actor of nearly everything (`by=`)."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=20, choices=Role)
    teams = models.ManyToManyField(Team, blank=True, related_name="+")
    sees_private = models.BooleanField(default=False)  # for analysts and partners; others always do
    needs_approval = models.BooleanField(default=False)  # a colleague checks their replies before they go out
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "accounts_membership"
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="accounts_membership_once")]

    def __str__(self) -> str:
        return f"{self.user} ({self.workspace})"

    def may(self, permission: Permission) -> bool:
        """Whether the role carries this permission; which rows it reaches is for each app's `access`."""
        return self.is_active and permission in PERMISSIONS[self.role]

    @property
    def may_see_private(self) -> bool:
        """Whether private posts are shown: to who works here, and to others where granted."""
        return self.sees_private or self.role in {
            Role.ADMINISTRATOR,
            Role.LEAD,
            Role.AGENT,
        }


class OneTimeLink(models.Model):
    """A link that signs a user in, or opens the set-up page, once; only the digest of its token is stored."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")  # null: set-up
    token_digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "accounts_one_time_link"


class AuditEntry(models.Model):
    """Who changed a setting or a right; append-only."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, null=True, related_name="+")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    verb = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=40)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        db_table = "accounts_audit_entry"
        indexes = [models.Index(fields=["workspace", "-at"], name="accounts_audit_recent")]
